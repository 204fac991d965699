using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Transport.Connections;

namespace Rcomm.Site.Answers;

/// <summary>
/// Waits for room in a connection's send buffer before a piece of a file is read, so that the flush after it completes at once. A flush that waits costs
/// three objects in Kestrel, and keeps its buffer until it ends.
/// </summary>
internal sealed class SendRoom : IDisposable
{
    // What the feature promises.
    private const int Room = 64 << 10;

    // A slower client waits in Kestrel's flush, where the minimum rate counts.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(1);

    private readonly ISendRoomFeature? _feature;
    private int _left;
    private CancellationTokenSource _timeout = new();

    public SendRoom(HttpContext context)
    {
        // The streams of HTTP/2 share a connection, and their flow control decides when there is room.
        if (context.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal)) _feature = context.Feature<ISendRoomFeature>();
    }

    /// <summary>Returns true once there is room for the number of bytes, false if that is unknown or the client is slow.</summary>
    public ValueTask<bool> WaitAsync(int bytes)
    {
        if (_feature is null) return new(false);
        if (_left < bytes) return WaitAsync(_feature, bytes);
        _left -= bytes;
        return new(true);
    }

    public void Dispose() => _timeout.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ISendRoomFeature feature, int bytes)
    {
        _left = 0;
        ValueTask<FlushResult> wait = feature.WaitForRoomAsync(_timeout.Token);
        if (!wait.IsCompleted) _timeout.CancelAfter(WaitTimeout);
        await wait;
        if (_timeout.TryReset())
        {
            _left = Room - bytes;
            return true;
        }
        _timeout.Dispose();
        _timeout = new();
        return false;
    }
}
