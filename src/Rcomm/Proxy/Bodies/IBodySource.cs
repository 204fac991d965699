using System.Buffers;

namespace Rcomm.Proxy.Bodies;

/// <summary>The body of an upstream's answer, piece by piece.</summary>
internal interface IBodySource
{
    /// <summary>True once the whole of it was read.</summary>
    bool HasEnded { get; }

    /// <summary>A piece, after <see cref="NextAsync"/>.</summary>
    ReadOnlySequence<byte> Current { get; }

    /// <summary>The fields after the body, once it has ended.</summary>
    List<(string Name, string Value)>? Trailers { get; }

    /// <summary>Takes the next piece; false at the end. <see cref="Consume"/> is called before the next.</summary>
    /// <exception cref="UpstreamException">The upstream broke off, was silent for too long, or what it sent isn't valid.</exception>
    ValueTask<bool> NextAsync();

    /// <summary>Lets go of <see cref="Current"/>.</summary>
    void Consume();

    /// <summary>Lets the upstream be silent for so long from now; zero for no limit.</summary>
    void Expect(TimeSpan within);
}
