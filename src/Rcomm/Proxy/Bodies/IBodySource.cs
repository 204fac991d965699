using System.Buffers;

namespace Rcomm.Proxy.Bodies;

/// <summary>The body of an upstream's response, read in parts.</summary>
internal interface IBodySource
{
    /// <summary>Whether the whole body was read.</summary>
    bool HasEnded { get; }

    /// <summary>The current part, after <see cref="NextAsync"/>.</summary>
    ReadOnlySequence<byte> Current { get; }

    /// <summary>The trailer fields, once the body has ended.</summary>
    List<(string Name, string Value)>? Trailers { get; }

    /// <summary>Reads the next part. Returns false at the end. Call <see cref="Consume"/> before the next call.</summary>
    /// <exception cref="UpstreamException">
    /// The upstream closed the connection too early, was silent for too long, or sent something that isn't valid.
    /// </exception>
    ValueTask<bool> NextAsync();

    /// <summary>Releases <see cref="Current"/>.</summary>
    void Consume();

    /// <summary>Sets how long the upstream may be silent from now on; zero for no limit.</summary>
    void Expect(TimeSpan within);
}
