using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>A socket that listens, and what was learnt while it was opened.</summary>
internal sealed record OpenedSocket(ListenAddress Address, Socket Socket, UnixSocketFile? File, IReadOnlyList<string> Warnings);

/// <summary>Whether a socket shares its address with others of this server (<c>SO_REUSEPORT</c>).</summary>
internal enum SharedAddress
{
    No,

    /// <summary>The first of them, which finds the address free.</summary>
    First,

    /// <summary>One of the others.</summary>
    Joined,
}

/// <summary>The two ways to a listening socket: open one, or adopt one that another process has opened.</summary>
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
            // Bound alone, shared then: so a second server is refused here, and does not join as another shard.
            if (shared == SharedAddress.First) SocketSetup.ShareAddress(socket, address);
            if (address is { IsUnix: true, IsAbstract: false }) file = UnixSocketFile.Make(address.UnixPath!, options.UnixMode);
            SocketSetup.Prove(socket, address);
            socket.Listen(options.Backlog.Connections);
            // Accept never waits inside the kernel: the accept loop polls, and two processes may share the socket in a takeover.
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

    /// <summary>Takes a descriptor that listens already. It gets close-on-exec, and is otherwise left as it is.</summary>
    /// <exception cref="ArgumentException">It isn't a listening stream socket.</exception>
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
        // .NET prints a name in the abstract namespace with an @ for its NUL, as operators do.
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
