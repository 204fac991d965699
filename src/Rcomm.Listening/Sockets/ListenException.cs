using System.Net.Sockets;
using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.Sockets;

/// <summary>Specifies why a listening socket could not be opened.</summary>
public enum ListenFailure
{
    /// <summary>Another socket listens there (<c>EADDRINUSE</c>), or a server answers at the Unix path.</summary>
    AddressInUse,

    /// <summary>This user may not listen there (<c>EACCES</c>, <c>EPERM</c>).</summary>
    PermissionDenied,

    /// <summary>The machine doesn't have the address (<c>EADDRNOTAVAIL</c>) or its family (<c>EAFNOSUPPORT</c>).</summary>
    AddressNotAvailable,

    /// <summary>The system refused a socket option that the operator set.</summary>
    OptionRefused,

    /// <summary>The file at the Unix path isn't a socket, or the path can't be used.</summary>
    PathUnusable,

    /// <summary>Another error; the message has the system's description.</summary>
    Other,
}

/// <summary>The exception thrown if a listening socket can't be opened. The message says where, why, and what to do next.</summary>
public sealed class ListenException : IOException
{
    internal ListenException(ListenAddress address, ListenFailure failure, string problem, Exception? inner = null)
        : base($"{address}: {problem}", inner) => (Address, Failure, Problem) = (address, failure, problem);

    /// <summary>Gets the requested address.</summary>
    public ListenAddress Address { get; }

    /// <summary>Gets the reason, for code that acts on it.</summary>
    public ListenFailure Failure { get; }

    /// <summary>Gets the message without the address, for callers that name the setting instead.</summary>
    public string Problem { get; }

    internal static ListenException From(ListenAddress address, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => new(address, ListenFailure.AddressInUse,
            "address already in use (EADDRINUSE). Stop the program that listens there, or choose another address.", error),
        SocketError.AccessDenied when address is { IsUnix: false, Port: > 0 and < 1024 } => new(address, ListenFailure.PermissionDenied,
            "permission denied (EACCES). Ports below 1024 need CAP_NET_BIND_SERVICE: run it under systemd with " +
            "AmbientCapabilities=CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or choose a port from 1024.", error),
        SocketError.AccessDenied when address.IsUnix => new(address, ListenFailure.PermissionDenied,
            "permission denied (EACCES): this user may not create a socket in that folder. Choose another path, " +
            "or change the folder's owner or mode (chown, chmod).", error),
        SocketError.AddressNotAvailable when address.IsUnix => new(address, ListenFailure.PathUnusable,
            "a socket can't be created there. Choose a path on a regular file system, e.g. in /run.", error),
        SocketError.AccessDenied => new(address, ListenFailure.PermissionDenied,
            "permission denied (EACCES). Choose an address that this user may use.", error),
        SocketError.AddressNotAvailable => new(address, ListenFailure.AddressNotAvailable,
            "this machine doesn't have this address (EADDRNOTAVAIL). `ip address` lists its addresses; *:" + address.Port + " uses all of them.", error),
        SocketError.AddressFamilyNotSupported => new(address, ListenFailure.AddressNotAvailable,
            "this machine doesn't support this kind of address (EAFNOSUPPORT).", error),
        _ => new(address, ListenFailure.Other, $"{error.Message} ({error.SocketErrorCode}, errno {error.NativeErrorCode}).", error),
    };
}
