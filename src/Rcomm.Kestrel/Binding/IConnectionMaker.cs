using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Transport.FastPath;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Binding;

/// <summary>Makes connections for Kestrel of those that were accepted.</summary>
internal interface IConnectionMaker
{
    /// <summary>A connection that owns what was accepted.</summary>
    /// <exception cref="SocketException">The client is gone already; the caller still owns what was accepted.</exception>
    ConnectionContext Make(AcceptedConnection accepted);

    /// <summary>What takes connections over before Kestrel; null where Kestrel has them at once.</summary>
    /// <param name="handOver">Gives one to Kestrel; false where the listener has ended.</param>
    FastPathListener? OpenFastPath(Func<ConnectionContext, bool> handOver);
}

/// <summary>Connections of our own event loops.</summary>
/// <param name="transport">The loops.</param>
/// <param name="address">Where they were accepted.</param>
/// <param name="fastPath">What they may take on the fast path; null for nothing.</param>
internal sealed class EpollConnectionMaker(EpollTransport transport, ListenAddress address, FastPathOptions? fastPath) : IConnectionMaker
{
    // A socket that listens on every address has connections of each.
    private readonly IPEndPoint? _local =
        address.Ip is { } ip && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any) ? new(ip, address.Port) : null;

    public ConnectionContext Make(AcceptedConnection accepted) => transport.Create(accepted, _local);

    public FastPathListener? OpenFastPath(Func<ConnectionContext, bool> handOver) => fastPath is null ? null : new(transport, fastPath, _local, handOver);
}

/// <summary>Kestrel's own connections, on sockets of .NET.</summary>
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
