using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>A connection that was accepted, before anything is made of it. On Linux it is its descriptor; disposing it ends the connection (close(2)).</summary>
public sealed class ConnectionHandle : SafeHandleMinusOneIsInvalid
{
    // Elsewhere the accept itself makes a socket, which cannot be undone.
    private readonly Socket? _socket;

    internal ConnectionHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    internal ConnectionHandle(Socket socket)
        : base(ownsHandle: false) => _socket = socket;

    /// <summary>A socket of .NET that owns the connection from here on; this handle can then no longer be used.</summary>
    public Socket ToSocket()
    {
        if (_socket is not null) return _socket;

        var owner = new SafeSocketHandle(handle, ownsHandle: true);
        SetHandleAsInvalid();
        return new Socket(owner);
    }

    /// <inheritdoc />
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket?.Dispose();
        base.Dispose(disposing);
    }
}
