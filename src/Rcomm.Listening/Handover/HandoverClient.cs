using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>How a takeover ended for the new process.</summary>
public enum HandoverOutcome
{
    /// <summary>The process that ran has released the sockets; it finishes its requests and ends.</summary>
    Released,

    /// <summary>The process that ran has ended in the middle of the takeover; this one has the sockets all the same.</summary>
    OtherIsGone,
}

/// <summary>The process that runs refuses to hand its sockets over, and goes on with them. The message is its sentence.</summary>
public sealed class HandoverRefusedException : IOException
{
    internal HandoverRefusedException(string? why)
        : base(why ?? "no reason was given")
    {
    }
}

/// <summary>
/// The listening sockets of the process that runs, for a new one, see <see cref="HandoverProtocol"/>. That process goes on with them until
/// <see cref="Finish"/>; disposing the client before leaves it as it was.
/// </summary>
public sealed class HandoverClient : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly MessageChannel _channel;
    private readonly List<(HandedSocket What, SafeSocketHandle Handle)> _offered;
    private readonly List<HandedSocket> _taken = [];

    private HandoverClient(MessageChannel channel, List<(HandedSocket, SafeSocketHandle)> offered) => (_channel, _offered) = (channel, offered);

    /// <summary>What has been handed over and is not in use yet.</summary>
    public IEnumerable<HandedSocket> Offered => _offered.Select(socket => socket.What);

    /// <summary>Asks the process at a Unix socket for its listening sockets; null where none answers there, so that there is nothing to take over.</summary>
    /// <exception cref="HandoverRefusedException">It refused.</exception>
    /// <exception cref="IOException">It is silent, or isn't a process of this version.</exception>
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
            if (answer.Sockets?.Count != handles.Count) throw new IOException($"{answer.Sockets?.Count ?? 0} sockets were announced and {handles.Count} came");
            return new HandoverClient(channel, [.. answer.Sockets.Zip(handles)]);
        }
        catch (EndOfStreamException e)
        {
            channel.Dispose();
            throw new IOException("the process that answers there closed the connection without a word. It may be an older version: stop it, " +
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
    /// Tells the process that runs that this one accepts, and on which sockets. It then stops accepting, and ends when its requests have.
    /// Sockets that this process does not use stay the other's, to be drained and closed. Waits as long as the other process takes, even
    /// where it is stopped: this one accepts meanwhile.
    /// </summary>
    /// <param name="cancellation">Gives the takeover up, before it has succeeded.</param>
    /// <exception cref="HandoverRefusedException">The other process goes on with the sockets.</exception>
    /// <exception cref="OperationCanceledException">It was given up, and the other process goes on with the sockets.</exception>
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

    /// <summary>Takes out the sockets of a role that listen at an address, its shards; nothing where there is none.</summary>
    internal IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> Take(string role, ListenAddress address)
    {
        List<(HandedSocket What, SafeSocketHandle Handle)> found =
            _offered.FindAll(socket => socket.What.Role == role && socket.What.Address == address.ToString());
        _offered.RemoveAll(found.Contains);
        _taken.AddRange(found.Select(socket => socket.What));
        return [.. found.Select(socket => (socket.Handle, socket.What))];
    }

    // False where the other process has closed its end. What it said before that is still to be read.
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
