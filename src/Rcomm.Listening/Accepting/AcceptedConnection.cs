using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// An accepted connection: the only owner of its descriptor, of its place in the <see cref="ConnectionLimit"/> and of its served mark. Whoever ends
/// the connection disposes it once, which closes the descriptor and gives up the place.
/// </summary>
public sealed class AcceptedConnection : SafeHandleMinusOneIsInvalid
{
    private readonly PeerAddress _peer;
    // Null once the place is given up, and for a connection that isn't counted.
    private OpenConnections? _place;
    private int _served;
    private Socket? _socket;

    /// <summary>Initializes a connection from the arguments of <see cref="IConnectionSink.Accepted"/>.</summary>
    /// <param name="descriptor">The descriptor, which this object owns.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="place">Where the connection is counted; null if it isn't.</param>
    public AcceptedConnection(int descriptor, in PeerAddress peer, OpenConnections? place)
        : base(ownsHandle: true)
    {
        SetHandle(descriptor);
        (_peer, _place) = (peer, place);
    }

    // For systems on which .NET accepts: the result is a socket whose descriptor can't be detached.
    internal AcceptedConnection(Socket socket, OpenConnections? place)
        : base(ownsHandle: false) => (_socket, _place) = (socket, place);

    /// <summary>Gets how long the connection waited in the listen queue, by the kernel's own timestamp; null if not measured.</summary>
    public TimeSpan? Wait { get; internal init; }

    /// <summary>Gets the client's address; null if it has none, as on a Unix socket.</summary>
    public EndPoint? RemoteEndPoint => _socket?.RemoteEndPoint ?? _peer.ToEndPoint();

    /// <summary>
    /// Marks the connection as served: the server has begun to work on it. A stall is reported if connections are not served. Only the first call
    /// counts.
    /// </summary>
    public void MarkServed()
    {
        if (_served == 0 && Interlocked.Exchange(ref _served, 1) == 0) Volatile.Read(ref _place)?.Served();
    }

    /// <summary>Returns a socket that owns the descriptor. This object keeps the place, so dispose it as well at the end.</summary>
    public Socket ToSocket()
    {
        if (Interlocked.Exchange(ref _socket, null) is { } accepted) return accepted;

        var owner = new SafeSocketHandle(handle, ownsHandle: true);
        SetHandleAsInvalid();
        return new Socket(owner);
    }

    /// <summary>Transfers the descriptor and the place to the caller, and leaves this object empty. Returns -1 if it was disposed.</summary>
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
