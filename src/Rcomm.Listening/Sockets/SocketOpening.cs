using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>A listening socket, with the warnings from opening it.</summary>
internal sealed record OpenedSocket(ListenAddress Address, Socket Socket, UnixSocketFile? File, IReadOnlyList<string> Warnings);

/// <summary>Specifies whether a socket shares its address with others of this server (<c>SO_REUSEPORT</c>).</summary>
internal enum SharedAddress
{
    No,

    /// <summary>The first of them, which checks that the address is free.</summary>
    First,

    /// <summary>One of the others.</summary>
    Joined,
}

/// <summary>Creates listening sockets: opens a new one, or adopts one that another process has opened.</summary>
internal static class SocketOpening
{
    public static OpenedSocket Open(ListenAddress address, ListenSocketOptions options, SharedAddress shared = SharedAddress.No)
    {
        if (address is { IsUnix: true, IsAbstract: false }) UnixSocketFile.MakeFree(address);

        Socket? socket = null;
        UnixSocketFile? file = null;
        try
        {
            EndPoint endPoint = EndPointOf(address);
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, address.IsUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            List<string> warnings = SocketSetup.Apply(socket, address, options);
            if (shared == SharedAddress.Joined) SocketSetup.ShareAddress(socket, address);
            socket.Bind(endPoint);
            // Bound first and shared afterwards, so that a second server is refused here instead of joining as another shard.
            if (shared == SharedAddress.First) SocketSetup.ShareAddress(socket, address);
            if (address is { IsUnix: true, IsAbstract: false }) file = UnixSocketFile.Make(address.UnixPath!, options.UnixMode);
            SocketSetup.Verify(socket, address);
            socket.Listen(options.Backlog.Connections);
            // Accept must not block in the kernel: the accept loop polls, and two processes may share the socket in a takeover.
            socket.Blocking = false;

            if (socket.LocalEndPoint is IPEndPoint bound) address = address.WithPort(bound.Port);
            return new(address, socket, file, warnings);
        }
        catch (Exception e)
        {
            socket?.Dispose();
            file?.Remove();
            if (e is SocketException refused) throw ListenException.From(address, refused);
            throw;
        }
    }

    /// <summary>Adopts a descriptor that already listens. Sets close-on-exec and leaves the rest unchanged.</summary>
    /// <exception cref="ArgumentException">The descriptor isn't a listening stream socket.</exception>
    public static OpenedSocket Adopt(SafeSocketHandle handle)
    {
        Socket socket;
        try
        {
            socket = new Socket(handle);
        }
        catch (SocketException e)
        {
            throw new ArgumentException("the descriptor isn't a socket", nameof(handle), e);
        }
        if (socket.SocketType != SocketType.Stream || (OperatingSystem.IsLinux() && SocketOption.AcceptsConnections.Get(socket) == 0))
            throw new ArgumentException("the descriptor isn't a listening stream socket", nameof(handle));

        if (OperatingSystem.IsLinux()) LibC.SetCloseOnExec(handle);
        socket.Blocking = false;
        return new(AddressOf(socket), socket, null, []);
    }

    private static ListenAddress AddressOf(Socket socket) => socket.LocalEndPoint switch
    {
        IPEndPoint { Address: var ip } endPoint when ip.Equals(IPAddress.IPv6Any) && socket.DualMode => ListenAddress.Every(endPoint.Port),
        IPEndPoint endPoint => ListenAddress.Of(endPoint),
        // .NET shows the leading NUL of an abstract name as @, as operators write it.
        { } endPoint => ListenAddress.OfUnix(endPoint.ToString()!),
        null => throw new ArgumentException("the descriptor is not bound to an address", nameof(socket)),
    };

    private static EndPoint EndPointOf(ListenAddress address) => address switch
    {
        { IsAbstract: true } => new UnixDomainSocketEndPoint("\0" + address.UnixPath![1..]),
        { IsUnix: true } => new UnixDomainSocketEndPoint(address.UnixPath!),
        { IsEveryAddress: true } => new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port),
        _ => new IPEndPoint(address.Ip!, address.Port),
    };
}
