using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Kestrel.Takeover;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Binding;

/// <summary>Where the sockets of an application's addresses come from: another process of it, systemd, or the kernel.</summary>
internal sealed partial class ListenSocketProvider(IOptions<ListenQueueOptions> options, ILogger<ListenSocketProvider> logger) : IDisposable
{
    private readonly ListenQueueOptions _options = options.Value;
    private readonly ILogger _logger = logger;
    private readonly List<ListenSocket> _open = [];
    private readonly Lazy<TakenSockets?> _taken = new(() => options.Value.TakeoverSocket is { } path ? TakenSockets.AskFor(path) : null);
    private readonly Lazy<List<ListenSocket>> _inherited = new(() => options.Value.SystemdSockets
        ? [.. InheritedSocket.TakeAll().Select(one => ListenSocket.Adopt(one.Handle, options.Value.Socket))]
        : []);

    /// <summary>The sockets that are listened on, for another process to take over.</summary>
    public IReadOnlyList<ListenSocket> Sockets
    {
        get
        {
            lock (_open) return [.. _open];
        }
    }

    /// <summary>The process whose sockets were taken over; null where there is none.</summary>
    public TakenSockets? Taken => _taken.Value;

    /// <summary>The sockets of an address, one or its shards; they belong to the caller.</summary>
    /// <exception cref="AddressInUseException">Another socket listens there.</exception>
    /// <exception cref="ListenException">The system refused otherwise.</exception>
    public IReadOnlyList<ListenSocket> Open(EndPoint endpoint)
    {
        ListenAddress address = endpoint is UnixDomainSocketEndPoint path ? ListenAddress.Parse($"unix:{path}") : ListenAddress.Of((IPEndPoint)endpoint);
        try
        {
            IReadOnlyList<ListenSocket> sockets = FromSystemd(address) ?? FromKernel(address);
            lock (_open) _open.AddRange(sockets);
            if (!sockets.Any(IsBorrowed)) Tell(sockets);
            return sockets;
        }
        catch (ListenException e) when (e.Failure == ListenFailure.AddressInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }

    /// <summary>Ends a takeover: this process accepts, and the one before it lets go of the sockets.</summary>
    /// <exception cref="SocketException">That one is gone; this one has the sockets all the same.</exception>
    public void EndTakeover()
    {
        try
        {
            Taken?.Ready();
        }
        finally
        {
            foreach (IGrouping<ListenAddress, ListenSocket> shared in Sockets.GroupBy(socket => socket.Address).Where(shared => shared.Any(IsBorrowed)))
            {
                foreach (ListenSocket socket in shared.Where(IsBorrowed)) socket.MakeOwn();
                Tell([.. shared]);
            }
        }
    }

    public void Dispose()
    {
        if (_taken.IsValueCreated) _taken.Value?.Dispose();
    }

    private List<ListenSocket>? FromSystemd(ListenAddress address)
    {
        List<ListenSocket> found = _inherited.Value.FindAll(socket => socket.Address == address);
        foreach (ListenSocket socket in found) socket.MarkHeldElsewhere();
        return found.Count > 0 ? found : null;
    }

    private IReadOnlyList<ListenSocket> FromKernel(ListenAddress address)
    {
        (int shards, Backlog each) = _options.Shards.For(_options.Backlog);
        ListenSocketOptions socketOptions = _options.Socket with { Backlog = each };
        return ListenSocket.OpenShards(address, shards, socketOptions, _taken.Value?.Take(address) ?? []);
    }

    private bool IsBorrowed(ListenSocket socket) => socket.IsHeldElsewhere && !_inherited.Value.Contains(socket);

    private void Tell(IReadOnlyList<ListenSocket> sockets)
    {
        Listening(sockets[0].Address, ListenSocket.DescribeBacklog(sockets));
        foreach (string warning in sockets.SelectMany(socket => socket.Warnings)) Warning(sockets[0].Address, warning);
    }

    [LoggerMessage(120, LogLevel.Information, "Listening on {Address} ({Backlog})")]
    private partial void Listening(ListenAddress address, string backlog);

    [LoggerMessage(121, LogLevel.Warning, "{Address}: {Warning}")]
    private partial void Warning(ListenAddress address, string warning);
}
