using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Binding;

/// <summary>
/// The transport that gives Kestrel its connections: those of each <see cref="ListenSocketEndPoint"/>, and with
/// <see cref="ListenQueueExtensions.UseListenQueue"/>, which adds <see cref="ApplicationSockets"/>, those of every address. rcomm's accept loop
/// accepts them. They are read and written by Kestrel's own socket connections, or as <see cref="ConnectionTransport"/> says.
/// </summary>
internal sealed class ListenQueueTransport(ListenerServices services, ConnectionMakers makers, ApplicationSockets? application = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) =>
        endpoint is ListenSocketEndPoint || (application is not null && endpoint is IPEndPoint or UnixDomainSocketEndPoint);

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        services.Options.Validate();
        if (endpoint is ListenSocketEndPoint given) return new(Listen(endpoint, given.Socket));

        IReadOnlyList<ListenSocket> opened = application!.Open(endpoint);
        EndPoint bound = endpoint is IPEndPoint ip && opened.Count > 0 ? new IPEndPoint(ip.Address, opened[0].Address.Port) : endpoint;
        return new(opened is [var only] ? Listen(bound, only) : new ShardedListener(bound, [.. opened.Select(socket => Listen(bound, socket))]));
    }

    private ListenQueueListener Listen(EndPoint endpoint, ListenSocket socket) => new(endpoint, socket, makers.For(socket), services);
}
