using System.IO.Pipelines;

namespace Rcomm.Proxy.Bodies;

/// <summary>The destination of a request's body.</summary>
internal interface IBodySink
{
    PipeWriter Output { get; }

    /// <summary>Sends what was written.</summary>
    /// <exception cref="UpstreamException">The upstream doesn't accept it.</exception>
    ValueTask FlushAsync();
}
