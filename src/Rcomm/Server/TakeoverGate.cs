using System.Diagnostics.CodeAnalysis;

namespace Rcomm.Server;

/// <summary>
/// Keeps takeovers of this server, one another and its end apart: closing sockets that are being handed over would leave their taker with queues that no
/// handshake reaches, or without a Unix socket's file.
/// </summary>
internal sealed class TakeoverGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _underWay;
    private bool _closed;

    /// <summary>Begins one; false, with the reason, where it may not be.</summary>
    public bool TryBegin([NotNullWhen(false)] out string? whyNot)
    {
        lock (_lock)
        {
            whyNot = _closed ? "It is stopping. Start again when it has ended." : _underWay is not null ? "Another takeover is under way." : null;
            if (whyNot is not null) return false;
            _underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>The one that was begun has ended, well or not.</summary>
    public void End()
    {
        lock (_lock)
        {
            _underWay?.SetResult();
            _underWay = null;
        }
    }

    /// <summary>Lets none begin any more; completes when the one that is under way has ended.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            return _underWay?.Task ?? Task.CompletedTask;
        }
    }
}
