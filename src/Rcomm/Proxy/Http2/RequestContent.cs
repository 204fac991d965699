using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;

namespace Rcomm.Proxy.Http2;

/// <summary>The body of a request for .NET's client, which sends it while the response may already arrive.</summary>
/// <param name="sent">Called after each part.</param>
internal sealed class RequestContent(RequestBody body, Action sent) : HttpContent
{
    private Task? _sending;

    /// <summary>Why the client's body could not be sent; null if that wasn't the problem.</summary>
    public UpstreamException? Failure { get; private set; }

    /// <summary>The length; -1 if it isn't known.</summary>
    public long Length => body.Length;

    /// <summary>Stops sending the rest.</summary>
    public async ValueTask EndAsync()
    {
        if (_sending is null or { IsCompleted: true }) return;
        body.Stop();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _sending = SendAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return length >= 0;
    }

    private async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        // Data from the client can't be read twice.
        if (body.IsUsed) throw Failure = new(UpstreamFailure.NoAnswer, "it asked for a retry after a part of the request was sent");
        // The upstream may answer before it has the whole body; the client's rest is then not needed.
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static body => ((RequestBody)body!).Stop(), body);
        try
        {
            await body.SendAsync(new Sink(stream, sent, cancellationToken), isChunked: false);
        }
        catch (UpstreamException e)
        {
            Failure = e;
            throw;
        }
        catch (BadHttpRequestException e)
        {
            throw Failure = new(UpstreamFailure.Client, "the client doesn't send its request", e);
        }
    }

    private sealed class Sink(Stream stream, Action sent, CancellationToken cancellationToken) : IBodySink
    {
        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public async ValueTask FlushAsync()
        {
            await Output.FlushAsync(cancellationToken);
            sent();
        }
    }
}
