using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Handover;

/// <summary>
/// Hands the listening sockets of this process over to a new one; see <see cref="HandoverProtocol"/>. One takeover runs at a time. Once the sockets
/// are sent they count as held elsewhere, until the takeover is known to have failed: until then this process stops no handshakes on them and removes
/// no file.
/// </summary>
/// <param name="sockets">Returns the sockets to hand over, with their roles.</param>
public sealed class HandoverServer(Func<IReadOnlyList<(string Role, ListenSocket Socket)>> sockets)
{
    // A new process compiles, reads its site and warms up before it is ready.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryTime = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _underWay;
    private bool _closed;

    /// <summary>Gets whether another process has the sockets and it isn't decided which of the two keeps them.</summary>
    public bool IsUnderWay
    {
        get
        {
            lock (_lock) return _underWay is not null;
        }
    }

    /// <summary>Returns true for a message that requests a takeover.</summary>
    public static bool IsTakeover(ReadOnlySpan<byte> message) => HandoverProtocol.IsTakeover(message);

    /// <summary>
    /// Hands the sockets over. Returns once the other process has them or the takeover has failed, however long that process takes. Nothing changes
    /// here until the other process is ready.
    /// </summary>
    /// <param name="channel">The connection on which a process asked.</param>
    /// <param name="asked">The message it sent.</param>
    /// <param name="sent">Called once the other process has the sockets too.</param>
    /// <param name="why">Why this process keeps the sockets, as a sentence; null if the other one has them.</param>
    /// <returns>True if this process must stop, because the other one has its sockets.</returns>
    public bool TryHandOver(MessageChannel channel, ReadOnlySpan<byte> asked, Action? sent, [NotNullWhen(false)] out string? why)
    {
        ArgumentNullException.ThrowIfNull(channel);
        why = !channel.IsPeerTrusted ? $"User {channel.Peer.User} may not take over from this process; its own user {MessageChannel.OwnUser} and root may."
            : HandoverProtocol.Read(asked).Kind != HandoverKind.Takeover
                ? $"This process uses version {HandoverProtocol.Version} of the takeover protocol. Stop it, then start the new one."
            : TryBegin();
        if (why is not null)
        {
            Refuse(channel, why);
            return false;
        }
        try
        {
            why = HandOver(channel, sockets(), sent);
            return why is null;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Prevents further takeovers. The task completes when the current one has ended.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            return _underWay?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Returns a task that completes when no takeover is in progress.</summary>
    public Task WhenDecidedAsync()
    {
        lock (_lock) return _underWay?.Task ?? Task.CompletedTask;
    }

    // Returns null on success, otherwise the reason for the failure.
    private static string? HandOver(MessageChannel channel, IReadOnlyList<(string Role, ListenSocket Socket)> sockets, Action? sent)
    {
        if (sockets.Count > MessageChannel.MaxSockets)
        {
            string why = $"This process has {sockets.Count} listening sockets, but at most {MessageChannel.MaxSockets} can be handed over. " +
                "Use fewer shards or addresses.";
            Refuse(channel, why);
            return why;
        }

        HandedSocket[] handed = [.. sockets.Select(
            one => new HandedSocket(one.Role, one.Socket.Address.ToString(), one.Socket.OwnsFile, one.Socket.IsHeldElsewhere))];
        foreach ((_, ListenSocket socket) in sockets) socket.IsInHandover = true;
        HashSet<HandedSocket> taken;
        try
        {
            channel.Send(HandoverProtocol.Write(HandoverKind.Sockets, sockets: handed), [.. sockets.Select(one => one.Socket)]);
            sent?.Invoke();
            channel.MessageTimeout = ReadyTimeout;
            taken = ReadReady(channel);
            // From here on only the end of the stream is a failure: a slow process may still use the sockets.
            channel.MessageTimeout = Timeout.InfiniteTimeSpan;
            channel.Send(HandoverProtocol.Write(HandoverKind.Released));
            _ = channel.Receive();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Tell a new process that is merely slow; otherwise it would continue as if this one were gone.
            if (e is not EndOfStreamException) Refuse(channel, e.Message);
            foreach ((_, ListenSocket socket) in sockets) socket.IsInHandover = false;
            return e.Message;
        }
        for (int i = 0; i < sockets.Count; i++) sockets[i].Socket.IsInHandover = taken.Contains(handed[i]);
        return null;
    }

    private static HashSet<HandedSocket> ReadReady(MessageChannel channel)
    {
        HandoverMessage ready = HandoverProtocol.Read(channel.Receive());
        return ready.Kind == HandoverKind.Ready ? [.. ready.Sockets ?? []] : throw new IOException($"it said {ready.Kind}, not {HandoverKind.Ready}");
    }

    // Returns once the other process has the message or is gone: closing the channel earlier would tell it that this process is gone.
    private static void Refuse(MessageChannel channel, string why)
    {
        while (true)
        {
            try
            {
                channel.Send(HandoverProtocol.Write(HandoverKind.Refused, why));
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.NoBufferSpaceAvailable or SocketError.WouldBlock)
            {
                Thread.Sleep(RetryTime);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    // Returns null if a takeover may begin, otherwise the reason why not.
    private string? TryBegin()
    {
        lock (_lock)
        {
            if (_closed) return "It is stopping. Start again when it has ended.";
            if (_underWay is not null) return "Another takeover is in progress.";
            _underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return null;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _underWay!.SetResult();
            _underWay = null;
        }
    }
}
