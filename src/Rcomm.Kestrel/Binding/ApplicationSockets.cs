using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Kestrel.Binding;

/// <summary>The listening sockets of an application's endpoints, and the takeover socket at which the next process asks for them.</summary>
internal sealed partial class ApplicationSockets : IDisposable
{
    private const string Site = "site";
    private const string Takeover = "takeover";

    private readonly ListenQueueOptions _options;
    private readonly ILogger _logger;
    private readonly Lazy<HandoverClient?> _running;
    private readonly Lazy<ListenSocketProvider> _provider;

    public ApplicationSockets(IOptions<ListenQueueOptions> options, ILogger<ApplicationSockets> logger)
    {
        _options = options.Value;
        _logger = logger;
        _running = new(() => _options.TakeoverSocket is { } path && OperatingSystem.IsLinux() ? ConnectToRunning(path) : null);
        _provider = new(() => new ListenSocketProvider(_running.Value, _options.SystemdSockets ? InheritedSocket.TakeAll() : [], _ => Site)
        {
            Warn = warning => Warning(logger, warning),
        });
        Handover = new HandoverServer(() => [.. _provider.Value.Sockets.Select(provided => (provided.Role, provided.Socket))]);
    }

    /// <summary>The process whose sockets are taken over, or null.</summary>
    public HandoverClient? Running => _running.Value;

    /// <summary>The server that hands the sockets over to the next process.</summary>
    public HandoverServer Handover { get; }

    /// <summary>
    /// Opens the sockets of an endpoint: one, or one for each shard. Returns none if an open systemd socket already covers it. The caller owns them.
    /// </summary>
    /// <exception cref="AddressInUseException">Another socket listens on the address.</exception>
    /// <exception cref="InvalidOperationException">The machine doesn't have this IPv6 address.</exception>
    /// <exception cref="ListenException">The system refused for another reason.</exception>
    public IReadOnlyList<ListenSocket> Open(EndPoint endpoint)
    {
        ListenAddress address = endpoint is UnixDomainSocketEndPoint path
            ? ListenAddress.Parse(UnixPath.ToAddress(path.ToString()))
            : ListenAddress.Of((IPEndPoint)endpoint);
        (int shards, Backlog each) = _options.Shards.For(_options.Backlog);
        try
        {
            IReadOnlyList<ListenSocket> sockets = _provider.Value.Open(new(Site, new(_options.Socket) { Backlog = each }) { Shards = shards }, address);
            if (sockets.Count > 0 && !sockets.Any(IsHandedOver)) Listening(_logger, sockets[0].Address, ListenSocket.DescribeBacklog(sockets));
            return sockets;
        }
        catch (ListenException e) when (e.Failure == ListenFailure.AddressInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        // After this exception Kestrel falls back to IPv4 for localhost and for any address, but not after an IOException.
        catch (ListenException e) when (e.Failure == ListenFailure.AddressNotAvailable
            && endpoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>Opens the Unix socket at which the next process asks for the sockets.</summary>
    /// <exception cref="ListenException">The system refused.</exception>
    public ListenSocket OpenTakeover(string path) =>
        _provider.Value.Open(new(Takeover, new() { UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }), AddressOf(path))[0];

    /// <summary>Takes ownership of the sockets, once the previous process has released them.</summary>
    public void MakeOwn()
    {
        _provider.Value.MakeOwn();
        foreach (IGrouping<ListenAddress, ProvidedSocket> shards in _provider.Value.Sockets.Where(provided => provided.Role == Site)
            .GroupBy(provided => provided.Socket.Address))
            if (shards.Any(provided => provided.Handed is not null))
                Listening(_logger, shards.Key, ListenSocket.DescribeBacklog([.. shards.Select(provided => provided.Socket)]));
    }

    /// <summary>Warns of systemd sockets that no endpoint uses.</summary>
    public void WarnOfUnclaimed()
    {
        foreach ((int descriptor, ListenAddress address) in _provider.Value.Unclaimed) Unclaimed(_logger, address, descriptor, address.Port);
    }

    // Kestrel's listeners close their own sockets.
    public void Dispose()
    {
        if (_running.IsValueCreated) _running.Value?.Dispose();
    }

    private bool IsHandedOver(ListenSocket socket) => _provider.Value.Sockets.Any(provided => provided.Socket == socket && provided.Handed is not null);

    private static HandoverClient? ConnectToRunning(string path)
    {
        _ = AddressOf(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw Wrong(path, $"the folder {folder} doesn't exist; create it: mkdir -p {folder}");
        try
        {
            return HandoverClient.Connect(path);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IOException(Wrong(path, e.Message.TrimEnd('.')).Message, e);
        }
    }

    private static ListenAddress AddressOf(string path) =>
        ListenAddress.TryParse(UnixPath.ToAddress(path), out ListenAddress? address, out string? error) ? address : throw Wrong(path, error);

    private static InvalidOperationException Wrong(string path, string why) =>
        new($"{ListenQueueConfiguration.Section}:{nameof(ListenQueueOptions.TakeoverSocket)}=\"{path}\": {why}.");

    [LoggerMessage(120, LogLevel.Information, "Listening on {Address} ({Backlog})")]
    private static partial void Listening(ILogger logger, ListenAddress address, string backlog);

    [LoggerMessage(128, LogLevel.Warning, "{Address}: no URL of the application matches this socket from systemd (fd {Descriptor}), so its " +
        "connections are never accepted. Set ASPNETCORE_URLS=http://*:{Port}.")]
    private static partial void Unclaimed(ILogger logger, ListenAddress address, int descriptor, int port);

    [LoggerMessage(121, LogLevel.Warning, "{Warning}")]
    private static partial void Warning(ILogger logger, string warning);
}
