using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Connections.Http1;
using Rcomm.Http;
using Rcomm.Requests;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Tests.Server;

/// <summary>
/// Kestrel with our checks before and after it, on connections in memory: the test decides which bytes Kestrel gets at once. It responds
/// with what it has parsed.
/// </summary>
public sealed class MemoryServer : IAsyncLifetime
{
    private static readonly PipeOptions Inline =
        new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    private readonly MemoryListener _listener = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        ServeSettings settings = InProcessServer.Read(". --log-level error");
        var refused = new RefusedClients(new RequestMetrics());
        var endpoints = new Endpoints(settings, [], null, refused, ready: null);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IConnectionListenerFactory>(_listener);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            endpoints.ApplyLimits(kestrel);
            kestrel.Listen(_listener.EndPoint, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(next => connection => StrictRequests.InvokeAsync(connection, next));
            });
        });
        _app = builder.Build();
        _app.Run(context => RequestChecks.InvokeAsync(context, EchoAsync, refused));
        await _app.StartAsync();
    }

    /// <summary>Sends bytes on a new connection in two parts, the second when Kestrel waits for it, and returns all answers.</summary>
    public Task<string> SendAsync(byte[] bytes, int cut) => SendAsync([bytes[..cut], bytes[cut..]]);

    /// <summary>The same, one byte after the other.</summary>
    public Task<string> SendAsync(byte[] bytes, bool everyByte) => SendAsync(everyByte ? [.. bytes.Select(one => new[] { one })] : [bytes]);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<string> SendAsync(IReadOnlyList<byte[]> parts)
    {
        Pipe input = new(Inline), output = new(Inline);
        var connection = new MemoryConnection(new Duplex(new MemoryReader(input.Reader), output.Writer));
        await _listener.Accepted.Writer.WriteAsync(connection);
        foreach (byte[] part in parts.Where(part => part.Length > 0)) await input.Writer.WriteAsync(part);
        await input.Writer.CompleteAsync();
        return await ReadToEndAsync(output.Reader);
    }

    private static async Task<string> ReadToEndAsync(PipeReader reader)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            ReadResult read = await reader.ReadAsync(limit.Token);
            if (read.IsCompleted) return Encoding.Latin1.GetString(read.Buffer.ToArray());
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        string text = $"{context.Request.Method} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} " +
            $"{context.Request.Headers.Host} {body.Length}\n";
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class MemoryConnection(IDuplexPipe transport) : DefaultConnectionContext("memory", transport, transport)
    {
        private readonly PipeWriter _output = transport.Output;

        // The base method would end the connection on another thread, and it may be disposed before that.
        public override void Abort(ConnectionAbortedException abortReason) => _output.CancelPendingFlush();

        public override async ValueTask DisposeAsync()
        {
            await _output.CompleteAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class MemoryListener : IConnectionListenerFactory, IConnectionListener
    {
        public Channel<ConnectionContext> Accepted { get; } = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint { get; } = new DnsEndPoint("memory", 1);

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await Accepted.Reader.WaitToReadAsync(cancellationToken) && Accepted.Reader.TryRead(out ConnectionContext? connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            Accepted.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
