using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// A connection that was accepted: the one owner of its descriptor, of its place in the <see cref="ConnectionLimit"/>, and of whether
/// somebody serves it. Whoever ends the connection disposes it, once; that closes the descriptor and leaves the place.
/// </summary>
public sealed class AcceptedConnection : SafeHandleMinusOneIsInvalid
{
    private readonly PeerAddress _peer;
    // Null once the place is left, and for a connection that never had one.
    private OpenConnections? _place;
    private int _served;
    private Socket? _socket;

    /// <summary>Makes a connection of what an <see cref="IConnectionSink"/> was given.</summary>
    /// <param name="descriptor">Its descriptor, owned by this object from here on.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="place">Where it is counted; null where it is not.</param>
    public AcceptedConnection(int descriptor, in PeerAddress peer, OpenConnections? place)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
        (_peer, _place) = (peer, place);
    }

    // Where only .NET accepts: that makes a socket, which cannot be undone.
    internal AcceptedConnection(Socket socket, OpenConnections? place)
        : base(ownsHandle: false) => (_socket, _place) = (socket, place);

    /// <summary>How long it waited in the listen queue, by the kernel's own stamp; null where that was not measured.</summary>
    public TimeSpan? Wait { get; internal init; }

    /// <summary>The client's address; null where it has none, as on a Unix socket.</summary>
    public EndPoint? RemoteEndPoint => _socket?.RemoteEndPoint ?? _peer.ToEndPoint();

    /// <summary>Says that the server has begun to work on the connection; connections on which nobody works are a stall. Only the first call counts.</summary>
    public void MarkServed()
    {
        if (_served == 0 && Interlocked.Exchange(ref _served, 1) == 0) Volatile.Read(ref _place)?.Served();
    }

    /// <summary>A socket of .NET that owns the descriptor from here on; this object still owns the place, and is disposed as well at the end.</summary>
    public Socket ToSocket()
    {
        if (Interlocked.Exchange(ref _socket, null) is { } accepted) return accepted;

        var owner = new SafeSocketHandle(handle, ownsHandle: true);
        SetHandleAsInvalid();
        return new Socket(owner);
    }

    /// <summary>Gives the descriptor and the place to whoever goes on without this object, which then owns nothing; -1 where it was disposed before.</summary>
    /// <param name="peer">The client's address.</param>
    /// <param name="place">Where the connection is counted.</param>
    public int Detach(out PeerAddress peer, out OpenConnections? place)
    {
        peer = _peer;
        place = Interlocked.Exchange(ref _place, null);
        if (place is null) return -1;
        int descriptor = (int)handle;
        SetHandleAsInvalid();
        return descriptor;
    }

    /// <inheritdoc />
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket?.Dispose();
        base.Dispose(disposing);
        Interlocked.Exchange(ref _place, null)?.Leave();
    }
}
