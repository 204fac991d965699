using System.Net.Sockets;
using Rcomm.Cli;
using Rcomm.Listening.Addresses;
using Rcomm.Settings.Groups;

namespace Rcomm.Control;

/// <summary>
/// The taker's side of a takeover: the listening sockets of the running server, which goes on with them until
/// <see cref="Ready"/>. Disposing it before then leaves that server as it was.
/// </summary>
internal sealed class Takeover : IDisposable
{
    private static readonly TimeSpan HandoverTimeout = TimeSpan.FromSeconds(10);

    private readonly ControlChannel _channel;
    private readonly List<(HandedSocket What, SafeSocketHandle Handle)> _sockets;
    private readonly List<HandedSocket> _taken = [];

    private Takeover(ControlChannel channel, List<(HandedSocket, SafeSocketHandle)> sockets) => (_channel, _sockets) = (channel, sockets);

    /// <summary>Asks the server at a control socket for its listening sockets; null where none answers there, so there is nothing to take over.</summary>
    /// <exception cref="IOException">It refused, and the message says why; or it answers otherwise than a server of ours.</exception>
    public static Takeover? Begin(string path)
    {
        ControlChannel channel;
        try
        {
            channel = ControlChannel.Connect(path, HandoverTimeout);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !Path.Exists(path))
        {
            return null;
        }
        catch (SocketException e)
        {
            throw new IOException($"{ListeningGroup.Control.Flag} {path}: {(e.SocketErrorCode == SocketError.AccessDenied ? ControlCommands.NotForThisUser : e.Message)}", e);
        }
        try
        {
            channel.Send(ControlMessage.Of(ControlKind.Takeover));
            ControlMessage answer = channel.Receive(out List<SafeSocketHandle> handles);
            if (answer.Kind != ControlKind.Done) throw new IOException($"the running server refused the takeover: {answer.Text}");
            if (answer.Sockets?.Count != handles.Count) throw new IOException($"{answer.Sockets?.Count} sockets were announced and {handles.Count} came");
            return new Takeover(channel, [.. answer.Sockets.Zip(handles)]);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            channel.Dispose();
            throw new IOException($"{ListeningGroup.Control.Flag} {path}: {e.Message}", e);
        }
    }

    /// <summary>Where the sockets of a role listen that the service manager has opened for the running server.</summary>
    public IReadOnlyList<ListenAddress> AddressesOfService(string role) =>
        [.. _sockets.Where(socket => socket.What.Role == role && socket.What.IsSystems).Select(socket => ListenAddress.Parse(socket.What.Address))];

    /// <summary>Takes out the sockets of a role that listen at an address, its shards; nothing where there is none.</summary>
    public IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> Take(string role, ListenAddress address)
    {
        List<(HandedSocket What, SafeSocketHandle Handle)> found = _sockets.FindAll(socket => socket.What.Role == role && socket.What.Address == address.ToString());
        _sockets.RemoveAll(found.Contains);
        _taken.AddRange(found.Select(socket => socket.What));
        return [.. found.Select(socket => (socket.Handle, socket.What))];
    }

    /// <summary>
    /// Tells the old server that this one accepts, and on which sockets: from here on it stops accepting, and ends when its requests have.
    /// Sockets that nobody took out stay its own, to be drained and closed.
    /// </summary>
    /// <returns>Null where it heard; else why it did not, and then it is gone and this one has the sockets all the same.</returns>
    /// <exception cref="TakeoverRefusedException">It goes on itself.</exception>
    public string? Ready()
    {
        CloseThoseLeft();
        string? gone = null;
        try
        {
            _channel.Send(ControlMessage.Of(ControlKind.Ready) with { Sockets = _taken });
        }
        catch (SocketException e)
        {
            // It has closed its end. What it said before that is still to be read.
            gone = e.Message;
        }
        try
        {
            ControlMessage answer = _channel.Receive(out _);
            return answer.Kind == ControlKind.Done ? null : throw new TakeoverRefusedException(answer.Text ?? "no reason was given");
        }
        catch (IOException e)
        {
            return gone ?? e.Message;
        }
    }

    /// <summary>Closes the connection, and the sockets that nobody took out.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        CloseThoseLeft();
    }

    private void CloseThoseLeft()
    {
        foreach ((_, SafeSocketHandle handle) in _sockets) handle.Dispose();
        _sockets.Clear();
    }
}

/// <summary>The running server no longer hands its sockets over, and goes on with them.</summary>
internal sealed class TakeoverRefusedException(string why) : Exception(why);
