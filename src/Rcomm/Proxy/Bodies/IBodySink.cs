using System.IO.Pipelines;

namespace Rcomm.Proxy.Bodies;

/// <summary>Where the body of a request goes.</summary>
internal interface IBodySink
{
    PipeWriter Output { get; }

    /// <summary>Sends what was written.</summary>
    /// <exception cref="UpstreamException">The upstream does not take it.</exception>
    ValueTask FlushAsync();
}
