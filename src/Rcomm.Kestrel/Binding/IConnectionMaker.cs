using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Transport.FastPath;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Binding;

/// <summary>Creates Kestrel connections from accepted ones.</summary>
internal interface IConnectionMaker
{
    /// <summary>Creates a connection that owns the accepted one.</summary>
    /// <exception cref="SocketException">The client is gone already; the caller still owns the accepted connection.</exception>
    ConnectionContext Make(AcceptedConnection accepted);

    /// <summary>Opens the fast path of a listener. Returns null if Kestrel gets connections directly.</summary>
    /// <param name="handOver">Hands a connection to Kestrel; false if the listener has ended.</param>
    FastPathListener? OpenFastPath(Func<ConnectionContext, bool> handOver);
}

/// <summary>Creates connections on the event loops.</summary>
/// <param name="transport">The transport with the event loops.</param>
/// <param name="address">The address on which they were accepted.</param>
/// <param name="fastPath">The options of the fast path; null for no fast path.</param>
internal sealed class EpollConnectionMaker(EpollTransport transport, ListenAddress address, FastPathOptions? fastPath) : IConnectionMaker
{
    // Unknown for a wildcard address: its connections arrive at any local address.
    private readonly IPEndPoint? _local = address.Ip is { } ip && !address.IsWildcard ? new(ip, address.Port) : null;

    public ConnectionContext Make(AcceptedConnection accepted) => transport.Create(accepted, _local);

    public FastPathListener? OpenFastPath(Func<ConnectionContext, bool> handOver) => fastPath is null ? null : new(transport, fastPath, _local, handOver);
}

/// <summary>Creates Kestrel's own connections, on .NET's sockets.</summary>
internal sealed class SocketConnectionMaker(SocketConnectionContextFactory connections) : IConnectionMaker
{
    public ConnectionContext Make(AcceptedConnection accepted)
    {
        accepted.MarkServed();
        ConnectionContext connection = connections.Create(accepted.ToSocket());
        connection.ConnectionClosed.UnsafeRegister(static accepted => ((AcceptedConnection)accepted!).Dispose(), accepted);
        return connection;
    }

    public FastPathListener? OpenFastPath(Func<ConnectionContext, bool> handOver) => null;
}
