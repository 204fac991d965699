using Rcomm.Admin;
using Rcomm.Connections.Tls;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Proxy;
using Rcomm.Settings.Groups;
using Rcomm.Site;


namespace Rcomm.Settings;

/// <summary>The settings of one server, parsed and validated. They don't change while the server runs.</summary>
internal sealed record ServeSettings
{
    public required IReadOnlyList<ListenAddress> Addresses { get; init; }

    /// <summary>Whether the operator named the addresses, rather than using the default.</summary>
    public required bool AddressesAreChosen { get; init; }

    public required ListenSocketOptions Socket { get; init; }

    /// <summary>
    /// Which sockets that already listen keep their backlog: none if the operator set one, systemd's if not, and all if the value isn't valid.
    /// </summary>
    public required KeptBacklog KeptBacklog { get; init; }

    public required ShardCount Shards { get; init; }

    /// <summary>The maximum number of open connections; null for no limit.</summary>
    public required int? MaxConnections { get; init; }

    /// <summary>Whether the operator chose that limit, or none; otherwise it depends on the memory of the process.</summary>
    public required bool MaxConnectionsIsChosen { get; init; }

    public required Overload Overload { get; init; }

    /// <summary>How connections are accepted.</summary>
    public required AcceptMethod Accept { get; init; }

    public required Transport Transport { get; init; }

    /// <summary>Whether plain requests may be answered without Kestrel.</summary>
    public required bool FastPath { get; init; }

    /// <summary>The addresses of the admin pages; empty for none.</summary>
    public required IReadOnlyList<ListenAddress> Admin { get; init; }

    /// <summary>Who may use the admin pages.</summary>
    public required AdminSettings AdminAccess { get; init; }

    /// <summary>The address of the control socket; null for none, or for the default if <see cref="ControlIsChosen"/> is false.</summary>
    public required ListenAddress? Control { get; init; }

    /// <summary>Whether the operator set the control socket, or turned it off.</summary>
    public required bool ControlIsChosen { get; init; }

    public required bool Takeover { get; init; }

    public required TimeSpan DrainDelay { get; init; }

    public required QueueMonitorOptions Monitor { get; init; }

    /// <summary>The server's own site.</summary>
    public required SiteOptions Site { get; init; }

    /// <summary>The sites for particular host names.</summary>
    public required IReadOnlyList<HostSite> Hosts { get; init; }

    /// <summary>The routes of the proxy.</summary>
    public required IReadOnlyList<ProxyRoute> Proxy { get; init; }

    /// <summary>The options for all routes.</summary>
    public required ForwardingOptions Forwarding { get; init; }

    /// <summary>How HTTPS is served; null for plain HTTP.</summary>
    public required TlsSettings? Tls { get; init; }

    public required HttpSettings Http { get; init; }

    public required LogSettings Log { get; init; }

    public required TimeSpan ShutdownTimeout { get; init; }

    /// <summary>Reads every setting.</summary>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static ServeSettings From(SettingSources sources)
    {
        try
        {
            ServeSettings settings = From(sources, new Lazy<SiteOptions>(() => ReadSite(sources)));
            AddressConflicts.Refuse(settings, sources);
            ProxyLoops.Refuse(settings);
            return settings;
        }
        catch (Exception e) when (e is not (ConfigurationException or OutOfMemoryException))
        {
            // Nothing in a file may end a running server, not even something unforeseen.
            throw new ConfigurationException($"the configuration can't be used: {e.Message}");
        }
    }

    // The site comes last: if a flag is also wrong, that is the better error to report than the missing folder.
    private static ServeSettings From(SettingSources sources, Lazy<SiteOptions> site) => new()
    {
        Addresses = ReadAddresses(sources),
        AddressesAreChosen = sources.IsWritten(ListeningGroup.Listen) || sources.IsWritten(ListeningGroup.Address) || sources.IsWritten(ListeningGroup.Port),
        Socket = ReadSocketOptions(sources),
        KeptBacklog = sources.IsWritten(ListeningGroup.Backlog) ? KeptBacklog.None : sources.IsIgnored(ListeningGroup.Backlog) ? KeptBacklog.All
            : KeptBacklog.OfService,
        Shards = sources.Read(ListeningGroup.Shards),
        MaxConnections = sources.Read(LimitsGroup.MaxConnections) is > 0 and { } max ? max : null,
        MaxConnectionsIsChosen = sources.IsWritten(LimitsGroup.MaxConnections),
        Overload = sources.Read(LimitsGroup.Overload),
        Accept = sources.Read(ListeningGroup.Accept),
        Transport = sources.Read(ListeningGroup.Transport),
        FastPath = sources.Read(ListeningGroup.FastPath),
        Admin = sources.Read(ListeningGroup.Admin),
        AdminAccess = new AdminSettings(sources.Read(ListeningGroup.AdminHosts),
            sources.Read(ListeningGroup.AdminToken) is { Length: > 0 } token ? token : null),
        Control = sources.Read(ListeningGroup.Control),
        ControlIsChosen = sources.IsWritten(ListeningGroup.Control),
        Takeover = ReadTakeover(sources),
        DrainDelay = sources.Read(ShutdownGroup.DrainDelay),
        Monitor = new QueueMonitorOptions
        {
            AcceptWait = sources.Read(ListeningGroup.AcceptWait),
            StallTime = sources.Read(ListeningGroup.StallTime),
            FullTime = sources.Read(ListeningGroup.FullTime),
        },
        Log = new LogSettings(
            ReadAccessLog(sources), sources.Read(LoggingGroup.AccessLogFormat), sources.Read(LoggingGroup.LogLevel), sources.Read(LoggingGroup.LogFormat),
            sources.Read(LoggingGroup.RequestId)),
        Proxy = ProxySettingsBinder.Read(sources),
        Forwarding = ProxySettingsBinder.ReadForwarding(sources),
        Tls = TlsSettingsBinder.Read(sources),
        Http = HttpSettingsBinder.Read(sources),
        ShutdownTimeout = sources.Read(ShutdownGroup.ShutdownTimeout),
        Site = new SiteRulesBinder(sources.File, "site").Apply(site.Value, sources.File.Site),
        Hosts = ReadHosts(sources, site.Value),
    };

    /// <summary>Reads the listening addresses.</summary>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static IReadOnlyList<ListenAddress> ReadAddresses(SettingSources sources)
    {
        IReadOnlyList<ListenAddress> listen = sources.Read(ListeningGroup.Listen);
        sources.WarnOfOverridden(ListeningGroup.Address, by: ListeningGroup.Listen);
        sources.WarnOfOverridden(ListeningGroup.Port, by: ListeningGroup.Listen);
        return listen.Count > 0 ? listen : [ListenAddress.Parse($"{sources.Read(ListeningGroup.Address)}:{sources.Read(ListeningGroup.Port)}")];
    }

    private static SiteOptions ReadSite(SettingSources sources) => new()
    {
        DocumentRoot = ReadDocumentRoot(sources),
        PrivateFiles = ReadPrivateFiles(sources),
        SinglePage = sources.Read(SiteGroup.SinglePage),
        Listing = sources.Read(SiteGroup.Listing),
        FollowLinks = sources.Read(SiteGroup.FollowLinks),
        Compression = sources.Read(SiteGroup.Compression),
        CacheSize = sources.Read(SiteGroup.CacheSize),
    };

    private static List<HostSite> ReadHosts(SettingSources sources, SiteOptions server)
    {
        IReadOnlyList<HostFile> hosts = sources.File.Hosts;
        List<HostSite> sites = [];
        for (int i = 0; i < hosts.Count; i++)
        {
            var binder = new SiteRulesBinder(sources.File, $"hosts[{i}]");
            sites.Add(new HostSite(binder.Names(hosts[i]), binder.OfHost(server, hosts[i])));
        }
        return sites.SelectMany(site => site.Names).GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1) is { Key: var twice }
            ? throw new ConfigurationException($"{sources.File.Place("hosts")}: {twice} is named twice, and only one site can have it.")
            : sites;
    }

    private static AccessLogTarget ReadAccessLog(SettingSources sources)
    {
        AccessLogTarget target = sources.Read(LoggingGroup.AccessLog);
        return target.File is null || Directory.Exists(Path.GetDirectoryName(target.File))
            ? target
            : throw new ConfigurationException($"{sources.Find(LoggingGroup.AccessLog).Quoted}: " +
                $"the folder {Path.GetDirectoryName(target.File)} doesn't exist. Create it, or choose a file in another folder.");
    }

    private static bool ReadTakeover(SettingSources sources)
    {
        bool takeover = sources.Read(ShutdownGroup.Takeover);
        if (takeover && sources.Read(ListeningGroup.Control) is null)
            throw new ConfigurationException($"{ShutdownGroup.Takeover.Flag} needs the control socket of the running server: " +
                $"{ListeningGroup.Control.Flag} PATH, or {ListeningGroup.Control.Variable}.");
        return takeover;
    }

    private static ListenSocketOptions ReadSocketOptions(SettingSources sources)
    {
        var keepAlive = new KeepAlive
        {
            Idle = sources.Read(SocketGroup.KeepAliveIdle),
            Interval = sources.Read(SocketGroup.KeepAliveInterval),
            Count = sources.Read(SocketGroup.KeepAliveCount),
        };
        return new ListenSocketOptions
        {
            Backlog = sources.Read(ListeningGroup.Backlog),
            UnixMode = sources.Read(SocketGroup.UnixMode),
            NoDelay = sources.Read(SocketGroup.NoDelay),
            KeepAlive = sources.Read(SocketGroup.KeepAlive) ? keepAlive : null,
            DeferAccept = sources.Read(SocketGroup.DeferAccept),
            FastOpen = sources.Read(SocketGroup.FastOpen),
            FreeBind = sources.Read(SocketGroup.FreeBind),
            IPv6Only = sources.Read(SocketGroup.IPv6Only),
            ReceiveBuffer = sources.Read(SocketGroup.ReceiveBuffer),
            SendBuffer = sources.Read(SocketGroup.SendBuffer),
        };
    }

    // Files that the server itself reads or writes are not for clients, even beneath the document root.
    private static List<string> ReadPrivateFiles(SettingSources sources)
    {
        string[] files =
        [
            sources.File.Name, sources.EnvironmentFile.Name, sources.Read(AccessGroup.Htpasswd), sources.Read(LoggingGroup.AccessLog).File ?? "",
            .. sources.Read(HttpsGroup.Certificate), .. sources.Read(HttpsGroup.Key),
        ];
        return [.. files.Where(file => file != "").Select(SettingParsers.FullPath)];
    }

    private static string ReadDocumentRoot(SettingSources sources)
    {
        SettingValue written = sources.Find(SiteGroup.DocumentRoot);
        string root = sources.Read(SiteGroup.DocumentRoot);
        // If every request is forwarded, there need not be any pages.
        if (Directory.Exists(root) || (written.Where is null && sources.IsWritten(ProxyGroup.Upstream))) return root;

        string problem = File.Exists(root) ? "is a file, not a folder" : "there is no such folder";
        throw new ConfigurationException(written.Where is null
            ? $"{written.Text}: {problem} in {Path.GetDirectoryName(root)}. `rcomm .` serves this folder, `rcomm FOLDER` another one."
            : $"{written.Quoted}: {problem} ({root}). Name an existing folder.");
    }
}
