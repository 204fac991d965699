using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>Specifies how a takeover ended for the new process.</summary>
public enum HandoverOutcome
{
    /// <summary>The old process has released the sockets. It finishes its requests and exits.</summary>
    Released,

    /// <summary>The old process exited during the takeover. The new process has the sockets nevertheless.</summary>
    OtherIsGone,
}

/// <summary>
/// The exception thrown if the old process refuses to hand its sockets over and keeps them. The message is that process's own sentence.
/// </summary>
public sealed class HandoverRefusedException : IOException
{
    internal HandoverRefusedException(string? why)
        : base(why ?? "no reason was given")
    {
    }
}

/// <summary>
/// Takes over the listening sockets of the running process; see <see cref="HandoverProtocol"/>. That process keeps accepting until
/// <see cref="Finish"/>. Disposing the client earlier leaves it unchanged.
/// </summary>
public sealed class HandoverClient : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly MessageChannel _channel;
    private readonly List<(HandedSocket What, SafeSocketHandle Handle)> _offered;
    private readonly List<HandedSocket> _taken = [];

    private HandoverClient(MessageChannel channel, List<(HandedSocket, SafeSocketHandle)> offered) => (_channel, _offered) = (channel, offered);

    /// <summary>Gets the sockets that were handed over and are not in use yet.</summary>
    public IEnumerable<HandedSocket> Offered => _offered.Select(socket => socket.What);

    /// <summary>
    /// Asks the process at a Unix socket for its listening sockets. Returns null if none answers, so there is nothing to take over.
    /// </summary>
    /// <exception cref="HandoverRefusedException">The process refused.</exception>
    /// <exception cref="IOException">The process didn't answer in time, or runs another version.</exception>
    /// <exception cref="SocketException">This user may not connect.</exception>
    public static HandoverClient? Connect(string path)
    {
        MessageChannel channel;
        try
        {
            channel = MessageChannel.Connect(path, AnswerTimeout);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !Path.Exists(path))
        {
            return null;
        }
        List<SafeSocketHandle> handles = [];
        try
        {
            channel.Send(HandoverProtocol.Write(HandoverKind.Takeover));
            HandoverMessage answer = HandoverProtocol.Read(channel.Receive(handles));
            if (answer.Kind != HandoverKind.Sockets) throw new HandoverRefusedException(answer.Text);
            if (answer.Sockets?.Count != handles.Count)
                throw new IOException($"{answer.Sockets?.Count ?? 0} sockets were announced, but {handles.Count} were received");
            return new HandoverClient(channel, [.. answer.Sockets.Zip(handles)]);
        }
        catch (EndOfStreamException e)
        {
            channel.Dispose();
            throw new IOException("the running process closed the connection without an answer. It may be an older version: stop it, " +
                "then start this one", e);
        }
        catch
        {
            foreach (SafeSocketHandle handle in handles) handle.Dispose();
            channel.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Tells the running process that this one accepts, and on which sockets. That process then stops accepting, and exits when its requests are
    /// done. It drains and closes the sockets this process doesn't use. Waits as long as the other process takes, even if it is suspended; this
    /// process accepts meanwhile.
    /// </summary>
    /// <param name="cancellation">Cancels the takeover, if it has not succeeded yet.</param>
    /// <exception cref="HandoverRefusedException">The other process keeps the sockets.</exception>
    /// <exception cref="OperationCanceledException">The takeover was cancelled, and the other process keeps the sockets.</exception>
    public HandoverOutcome Finish(CancellationToken cancellation)
    {
        CloseUnused();
        _channel.MessageTimeout = Timeout.InfiniteTimeSpan;
        using CancellationTokenRegistration shutdown = cancellation.Register(_channel.Shutdown);
        bool isHeard = TrySend(HandoverKind.Ready, _taken);
        try
        {
            HandoverMessage answer = HandoverProtocol.Read(_channel.Receive());
            if (answer.Kind != HandoverKind.Released) throw new HandoverRefusedException(answer.Text);
            isHeard &= TrySend(HandoverKind.Taken);
        }
        catch (EndOfStreamException)
        {
            isHeard = false;
        }
        if (isHeard) return HandoverOutcome.Released;
        cancellation.ThrowIfCancellationRequested();
        return HandoverOutcome.OtherIsGone;
    }

    /// <summary>Closes the connection, and the sockets that are not in use.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        CloseUnused();
    }

    /// <summary>Removes and returns the sockets with a role and address (the shards of that address); empty if there are none.</summary>
    internal IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> Take(string role, ListenAddress address)
    {
        List<(HandedSocket What, SafeSocketHandle Handle)> found =
            _offered.FindAll(socket => socket.What.Role == role && socket.What.Address == address.ToString());
        _offered.RemoveAll(found.Contains);
        _taken.AddRange(found.Select(socket => socket.What));
        return [.. found.Select(socket => (socket.Handle, socket.What))];
    }

    // Returns false if the other process has closed its end. Messages it sent before can still be read.
    private bool TrySend(HandoverKind kind, IReadOnlyList<HandedSocket>? sockets = null)
    {
        try
        {
            _channel.Send(HandoverProtocol.Write(kind, sockets: sockets));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void CloseUnused()
    {
        foreach ((_, SafeSocketHandle handle) in _offered) SocketCalls.CloseHere(handle);
        _offered.Clear();
    }
}
