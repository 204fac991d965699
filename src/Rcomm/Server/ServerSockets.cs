using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rcomm.Control;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Settings;
using Rcomm.Shared.Linux;

namespace Rcomm.Server;

/// <summary>All listening sockets of a server.</summary>
/// <param name="Redirect">The sockets that redirect plain HTTP to HTTPS.</param>
/// <param name="Provider">The provider of the sockets.</param>
/// <param name="Inherited">The inherited sockets, a line each for the log.</param>
internal sealed record ServerSockets(
    IReadOnlyList<ListenSocket> Site, IReadOnlyList<ListenSocket> Redirect, IReadOnlyList<ListenSocket> Admin, ListenSocket? Control,
    ListenSocketProvider Provider,
    IReadOnlyList<string> Inherited) : IDisposable
{
    private const string SiteRole = "site";
    private const string RedirectRole = "redirect";
    private const string AdminRole = "admin";
    private const string ControlRole = "control";

    // Names given by systemd's socket units (FileDescriptorName=).
    private const string Http = "http";
    private const string Https = "https";

    private static readonly SocketRole ControlSocket =
        new(ControlRole, new ListenSocketOptions { UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });

    /// <summary>Takes the sockets over from the running server, adopts those that the service manager has opened, or opens them. All or none.</summary>
    /// <exception cref="ListenException">One of them could not be opened; the others are closed again.</exception>
    /// <exception cref="ConfigurationException">A descriptor from the service manager isn't a listening socket.</exception>
    public static ServerSockets Open(ServeSettings settings, HandoverClient? running, IReadOnlyList<InheritedSocket> inherited, Action<string> warn)
    {
        string RoleOf(InheritedSocket socket) => ServerSockets.RoleOf(socket, inherited);
        if (settings.Tls is not null && inherited.Any(socket => socket.Name == Http && RoleOf(socket) == SiteRole))
            warn("HTTPS is served on the socket named http, because the service manager has none named https. Enable rcomm-https.socket; the socket " +
                "named http then serves the redirect.");
        ListenSocketProvider provider = NewProvider(running, inherited, RoleOf, warn);
        try
        {
            IReadOnlyList<ListenSocket> redirect = OpenAll(provider, new(RedirectRole, settings.Socket) { Kept = settings.KeptBacklog },
                settings.Tls?.Redirect ?? []);
            IReadOnlyList<ListenSocket> admin = OpenAll(provider, new(AdminRole, new()), settings.Admin);
            IReadOnlyList<ListenSocket> control = provider.OpenOfService(ControlSocket);
            if (control.Count == 0 && settings.Control is not null) control = provider.Open(ControlSocket, settings.Control);
            if (control.Count == 0 && !settings.ControlIsChosen) control = TryOpenControl(provider);
            // Last, so that nothing above can fail once clients may connect to a shard that no other process has.
            IReadOnlyList<ListenSocket> site = OpenSite(provider, settings);
            IEnumerable<string> left = (running?.Offered ?? []).Where(offered => offered.Role != ControlRole).Select(offered => offered.Address).Distinct();
            foreach (string address in left)
                warn($"{address}: the running server listens there, but the new one doesn't, because the address isn't configured. " +
                    "The socket is closed once the running server has answered the waiting connections; later connections are refused.");
            IEnumerable<ProvidedSocket> ofService = provider.Sockets.Where(provided => provided.Descriptor is not null)
                .OrderBy(provided => provided.Descriptor);
            return new(site, redirect, admin, control.Count == 0 ? null : control[0], provider, [.. ofService.Select(Describe)]);
        }
        catch
        {
            provider.Dispose();
            throw;
        }
    }

    /// <summary>No sockets, for a server that is only built.</summary>
    public static ServerSockets None => new([], [], [], null, new ListenSocketProvider(null, [], _ => SiteRole), []);

    public void Dispose() => Provider.Dispose();

    // The control socket was not requested, so the server starts without it if necessary.
    private static IReadOnlyList<ListenSocket> TryOpenControl(ListenSocketProvider provider)
    {
        try
        {
            return ControlSockets.NewPath() is { } path
                ? provider.Open(ControlSocket, ListenAddress.Parse(UnixPath.ToAddress(path)))
                : [];
        }
        catch (Exception e) when (e is ListenException or FormatException)
        {
            return [];
        }
    }

    private static ListenSocketProvider NewProvider(HandoverClient? running, IReadOnlyList<InheritedSocket> inherited,
        Func<InheritedSocket, string> roleOf, Action<string> warn)
    {
        try
        {
            return new ListenSocketProvider(running, inherited, roleOf) { Warn = warn };
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }

    // If there is also a socket for HTTPS, the one for HTTP only redirects to it.
    private static string RoleOf(InheritedSocket socket, IReadOnlyList<InheritedSocket> inherited) => socket.Name switch
    {
        RedirectRole or AdminRole or ControlRole => socket.Name,
        Http when inherited.Any(other => other.Name == Https) => RedirectRole,
        _ => SiteRole,
    };

    // Inherited sockets are always served, along with configured addresses, but not the default one.
    private static IReadOnlyList<ListenSocket> OpenSite(ListenSocketProvider provider, ServeSettings settings)
    {
        (int shards, Backlog each) = settings.Shards.For(settings.Socket.Backlog);
        SocketRole role = new(SiteRole, settings.Socket with { Backlog = each }) { Shards = shards, Kept = settings.KeptBacklog };
        return OpenAll(provider, role, settings.Addresses, settings.AddressesAreChosen);
    }

    private static IReadOnlyList<ListenSocket> OpenAll(
        ListenSocketProvider provider, SocketRole role, IReadOnlyList<ListenAddress> addresses, bool areChosen = true)
    {
        IReadOnlyList<ListenSocket> ofService = provider.OpenOfService(role);
        if (ofService.Count > 0 && !areChosen) return ofService;
        return [.. ofService, .. addresses.Except(ofService.Select(socket => socket.Address))
            .SelectMany(address => provider.Open(role with { Options = OptionsOf(address, addresses, role.Options) }, address))];
    }

    // [::] would also take the IPv4 clients of its port, which the system refuses if an IPv4 address has the same port.
    private static ListenSocketOptions OptionsOf(ListenAddress address, IReadOnlyList<ListenAddress> all, ListenSocketOptions options) =>
        Equals(address.Ip, IPAddress.IPv6Any)
            && all.Any(other => other.Ip?.AddressFamily == AddressFamily.InterNetwork && other.Port == address.Port && address.Port != 0)
            ? options with { IPv6Only = true }
            : options;

    private static string Describe(ProvidedSocket provided)
    {
        QueueReading? queue = provided.Socket.ReadQueue();
        string waiting = queue?.Depth.ToString(CultureInfo.InvariantCulture) ?? "unknown";
        string dropped = queue?.Drops?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
        return $"inherited fd {provided.Descriptor}, {provided.Socket.Address}, {waiting} waiting, {dropped} dropped";
    }
}
