using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Handover;

/// <summary>
/// Hands the listening sockets of this process over to a new one, see <see cref="HandoverProtocol"/>. One takeover at a time. From the
/// moment the sockets are sent until the takeover is known to have failed they count as held elsewhere: whatever this process does
/// meanwhile, it stops no handshake on them and removes no file.
/// </summary>
/// <param name="sockets">The sockets to hand over, with what each is for.</param>
public sealed class HandoverServer(Func<IReadOnlyList<(string Role, ListenSocket Socket)>> sockets)
{
    // A new process compiles, reads its site and warms up before it is ready.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryTime = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _underWay;
    private bool _closed;

    /// <summary>True while another process has the sockets and it isn't decided which of the two goes on with them.</summary>
    public bool IsUnderWay
    {
        get
        {
            lock (_lock) return _underWay is not null;
        }
    }

    /// <summary>True for a message that asks for a takeover.</summary>
    public static bool IsTakeover(ReadOnlySpan<byte> message) => HandoverProtocol.IsTakeover(message);

    /// <summary>
    /// Hands the sockets over, and returns when the other process has them or the takeover has failed; it takes as long as that process
    /// takes. Until it is ready nothing changes here.
    /// </summary>
    /// <param name="channel">The connection on which a process asked.</param>
    /// <param name="asked">Its message.</param>
    /// <param name="sent">Called once the other process has got the sockets, beside this one.</param>
    /// <param name="why">Why this process goes on, as a sentence; null where the other one does.</param>
    /// <returns>True where this process has to stop: the other one has its sockets.</returns>
    public bool TryHandOver(MessageChannel channel, ReadOnlySpan<byte> asked, Action? sent, [NotNullWhen(false)] out string? why)
    {
        ArgumentNullException.ThrowIfNull(channel);
        why = !channel.IsPeerTrusted ? $"User {channel.Peer.User} may not take over from this process; its own user {MessageChannel.OwnUser} and root may."
            : HandoverProtocol.Read(asked).Kind != HandoverKind.Takeover
                ? $"This process speaks version {HandoverProtocol.Version} of the takeover protocol. Stop it, then start the new one."
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

    /// <summary>Lets no takeover begin any more; completes when the one that is under way has ended.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            return _underWay?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Completes when no takeover is under way.</summary>
    public Task WhenDecidedAsync()
    {
        lock (_lock) return _underWay?.Task ?? Task.CompletedTask;
    }

    // Null where it succeeded; else why not.
    private static string? HandOver(MessageChannel channel, IReadOnlyList<(string Role, ListenSocket Socket)> sockets, Action? sent)
    {
        if (sockets.Count > MessageChannel.MaxSockets)
        {
            string why = $"This process has {sockets.Count} listening sockets, and no more than {MessageChannel.MaxSockets} can be handed over. " +
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
            // From here on only the end of the stream is a failure: the other process may go on with the sockets.
            channel.MessageTimeout = Timeout.InfiniteTimeSpan;
            channel.Send(HandoverProtocol.Write(HandoverKind.Released));
            _ = channel.Receive();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A new process that is only slow must not go on as if this one were gone.
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

    // Returns once the other process has the sentence, or is gone: closing the channel before would tell it that this one is gone.
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

    // Null where it may begin, else why not.
    private string? TryBegin()
    {
        lock (_lock)
        {
            if (_closed) return "It is stopping. Start again when it has ended.";
            if (_underWay is not null) return "Another takeover is under way.";
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
