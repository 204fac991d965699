using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Binding;

/// <summary>Makes connections for Kestrel of those that were accepted.</summary>
internal interface IConnectionMaker
{
    /// <summary>A connection that owns what was accepted.</summary>
    /// <exception cref="SocketException">The client is gone already; the caller still owns what was accepted.</exception>
    ConnectionContext Make(AcceptedConnection accepted);
}

/// <summary>Connections of our own event loops.</summary>
internal sealed class EpollConnectionMaker(EpollTransport transport, ListenAddress address) : IConnectionMaker
{
    // A socket that listens on every address has connections of each.
    private readonly IPEndPoint? _local =
        address.Ip is { } ip && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any) ? new(ip, address.Port) : null;

    public ConnectionContext Make(AcceptedConnection accepted) => transport.Create(accepted, _local);
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
}
