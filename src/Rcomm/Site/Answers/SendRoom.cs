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
    // A slower client waits in Kestrel's flush, where the minimum rate counts.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(1);

    private readonly ISendRoomFeature? _feature;
    private CancellationTokenSource _timeout = new();

    public SendRoom(HttpContext context)
    {
        // The streams of HTTP/2 share a connection, and their flow control decides when there is room.
        if (context.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal)) _feature = context.Feature<ISendRoomFeature>();
    }

    /// <summary>Returns true if there is room, false if that is unknown or the client is slow.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync()
    {
        if (_feature is null) return false;
        ValueTask<FlushResult> wait = _feature.WaitForRoomAsync(_timeout.Token);
        if (!wait.IsCompleted) _timeout.CancelAfter(WaitTimeout);
        await wait;
        if (_timeout.TryReset()) return true;
        _timeout.Dispose();
        _timeout = new();
        return false;
    }

    public void Dispose() => _timeout.Dispose();
}
