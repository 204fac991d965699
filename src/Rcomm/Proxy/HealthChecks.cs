using System.Globalization;
using System.Net.Security;
using Rcomm.Proxy.Http1;
using Rcomm.Proxy.Http2;

namespace Rcomm.Proxy;

/// <summary>
/// Checks the upstreams of a route every few seconds: those with a health path by a request, those that could not be reached by a connection. They are
/// then known to be back before a client's request.
/// </summary>
internal sealed class HealthChecks(ProxyRoute route, IReadOnlyList<Upstream> upstreams, ForwardingOptions options) : IDisposable
{
    private const int FailuresUntilDown = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReconnectInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();

    public void Start()
    {
        foreach (Upstream upstream in upstreams) _ = route.Limits.HealthPath == "" ? ReconnectAsync(upstream) : CheckAsync(upstream);
    }

    public void Dispose() => _stop.Cancel();

    private async Task CheckAsync(Upstream upstream)
    {
        int failures = 0;
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                string? problem = await ProbeAsync(upstream);
                failures = problem is null ? 0 : failures + 1;
                upstream.Checked(failures < FailuresUntilDown, problem);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    // Null if it is healthy.
    private async Task<string?> ProbeAsync(Upstream upstream)
    {
        try
        {
            int status = await (upstream.Http2 is { } http2 ? ProbeAsync(http2) : ProbeHttp1Async(upstream));
            return status is >= 200 and < 300 ? null
                : string.Create(CultureInfo.InvariantCulture, $"its health check {route.Limits.HealthPath} was answered {status}");
        }
        catch (UpstreamException e)
        {
            _stop.Token.ThrowIfCancellationRequested();
            return e.Message;
        }
    }

    private async Task<int> ProbeAsync(Http2Client client)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(Interval);
        try
        {
            return await client.GetStatusAsync(route.Limits.HealthPath, limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new UpstreamException(UpstreamFailure.TimedOut, "no response in time", e);
        }
    }

    private async Task<int> ProbeHttp1Async(Upstream upstream)
    {
        UpstreamConnection connection = await new UpstreamConnector(upstream.Address, SslApplicationProtocol.Http11, options).ConnectAsync(null, _stop.Token);
        using CancellationTokenRegistration stopped = _stop.Token.UnsafeRegister(
            _ => connection.Cancel(new(UpstreamFailure.Client, "the server stops")), null);
        using var timeout = new Timer(_ => connection.Cancel(new(UpstreamFailure.TimedOut, "no response in time")), null, Interval, Timeout.InfiniteTimeSpan);
        try
        {
            WriteRequest(connection, upstream.Address);
            await connection.FlushAsync();
            do await connection.ReadHeadAsync();
            while (connection.Head.IsInterim);
            return connection.Head.Status;
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    private void WriteRequest(UpstreamConnection connection, UpstreamAddress address)
    {
        var head = new HeadWriter(connection.Output);
        head.Write("GET "u8);
        head.Write(address.BasePath);
        head.Write(route.Limits.HealthPath);
        head.Write(" HTTP/1.1\r\n"u8);
        head.WriteField("Host", address.Authority);
        head.WriteField("Connection", "close");
        head.End();
    }

    private async Task ReconnectAsync(Upstream upstream)
    {
        using var timer = new PeriodicTimer(ReconnectInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (!upstream.IsUnreachable) continue;
                try
                {
                    var protocol = upstream.Http2 is null ? SslApplicationProtocol.Http11 : SslApplicationProtocol.Http2;
                    UpstreamConnection connection = await new UpstreamConnector(upstream.Address, protocol, options).ConnectAsync(null, _stop.Token);
                    await connection.CloseAsync();
                    upstream.Succeeded();
                }
                catch (UpstreamException)
                {
                    // It is still down, which was already logged.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
