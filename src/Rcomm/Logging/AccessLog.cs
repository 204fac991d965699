using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.Logging;

/// <summary>
/// A line on standard output for each request: time, client, method, path, status, bytes, duration. A request never waits for
/// it: where standard output is too slow, lines are dropped and counted.
/// </summary>
internal sealed class AccessLog : IAsyncDisposable
{
    private const int LinesHeld = 16_384;

    private readonly Channel<string> _lines;
    private readonly Task _writing;
    private long _dropped;

    public AccessLog(Stream output)
    {
        var options = new BoundedChannelOptions(LinesHeld) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true };
        _lines = Channel.CreateBounded<string>(options, _ => Interlocked.Increment(ref _dropped));
        _writing = Task.Run(() => WriteAsync(output));
    }

    /// <summary>Lines that were dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Runs the rest of the request and writes its line.</summary>
    public async Task FollowAsync(HttpContext context, RequestDelegate next)
    {
        long start = TimeProvider.System.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            _lines.Writer.TryWrite(LineOf(context, TimeProvider.System.GetElapsedTime(start)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private static string LineOf(HttpContext context, TimeSpan duration)
    {
        IPAddress? client = context.Connection.RemoteIpAddress;
        if (client is { IsIPv4MappedToIPv6: true }) client = client.MapToIPv4();
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        long bytes = HttpMethods.IsHead(context.Request.Method) ? 0 : context.Response.ContentLength ?? 0;
        return string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {client?.ToString() ?? "unix"} {context.Request.Method} {target} {context.Response.StatusCode} {bytes} {duration.TotalMilliseconds:0.0}ms\n");
    }

    private async Task WriteAsync(Stream output)
    {
        var batch = new StringBuilder();
        try
        {
            while (await _lines.Reader.WaitToReadAsync())
            {
                while (batch.Length < 32 * 1024 && _lines.Reader.TryRead(out string? line)) batch.Append(line);
                await output.WriteAsync(Encoding.UTF8.GetBytes(batch.ToString()));
                await output.FlushAsync();
                batch.Clear();
            }
        }
        catch (IOException)
        {
            // Nobody reads standard output any more; serving goes on without the lines.
        }
    }
}
