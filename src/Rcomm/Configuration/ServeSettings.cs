using Rcomm.Listening;
using Rcomm.Logging;
using Rcomm.Proxy;
using Rcomm.Safety;
using Rcomm.Site;
using Rcomm.Tls;

namespace Rcomm.Configuration;

/// <summary>The settings of one server, read and checked. It does not change while the server runs.</summary>
internal sealed record ServeSettings
{
    public required IReadOnlyList<ListenAddress> Addresses { get; init; }

    /// <summary>True where the operator named the addresses, false where they are the default.</summary>
    public required bool AddressesAreChosen { get; init; }

    public required ListenSocketOptions Socket { get; init; }

    /// <summary>True where the operator named the backlog; a socket that systemd opened then gets it, and keeps its own where not.</summary>
    public required bool BacklogIsChosen { get; init; }

    public required ShardCount Shards { get; init; }

    /// <summary>The most open connections; null for no limit.</summary>
    public required int? MaxConnections { get; init; }

    public required Overload Overload { get; init; }

    public required Transport Transport { get; init; }

    /// <summary>Where the admin pages are; none for no admin pages.</summary>
    public required IReadOnlyList<ListenAddress> Admin { get; init; }

    /// <summary>Where the control socket is; null for none.</summary>
    public required ListenAddress? Control { get; init; }

    public required bool Takeover { get; init; }

    public required TimeSpan DrainDelay { get; init; }

    public required QueueMonitorOptions Monitor { get; init; }

    /// <summary>The folder to serve, and how.</summary>
    public required SiteOptions Site { get; init; }

    /// <summary>Sites of their own for some host names.</summary>
    public required IReadOnlyList<HostSite> Hosts { get; init; }

    /// <summary>Requests that other services answer.</summary>
    public required IReadOnlyList<ProxyRoute> Proxy { get; init; }

    /// <summary>How HTTPS is served; null for plain HTTP.</summary>
    public required TlsSettings? Tls { get; init; }

    public required SafetySettings Safety { get; init; }

    public required LogSettings Log { get; init; }

    public required TimeSpan ShutdownTimeout { get; init; }

    /// <summary>Reads every setting.</summary>
    /// <exception cref="ConfigurationException">One of them is wrong.</exception>
    public static ServeSettings From(SettingSources sources) => From(sources, new Lazy<SiteOptions>(() => ReadSite(sources)));

    // The site comes last: where a flag is wrong as well, the missing folder is not what was meant.
    private static ServeSettings From(SettingSources sources, Lazy<SiteOptions> site) => new()
    {
        Addresses = ReadAddresses(sources),
        AddressesAreChosen = sources.IsWritten(Settings.Listen) || sources.IsWritten(Settings.Address) || sources.IsWritten(Settings.Port),
        Socket = ReadSocketOptions(sources),
        BacklogIsChosen = sources.IsWritten(Settings.Backlog),
        Shards = sources.Read(Settings.Shards),
        MaxConnections = sources.Read(Settings.MaxConnections) is > 0 and { } most ? most : null,
        Overload = sources.Read(Settings.Overload),
        Transport = sources.Read(Settings.Transport),
        Admin = sources.Read(Settings.Admin),
        Control = sources.Read(Settings.Control),
        Takeover = ReadTakeover(sources),
        DrainDelay = sources.Read(Settings.DrainDelay),
        Monitor = new QueueMonitorOptions
        {
            AcceptWait = sources.Read(Settings.AcceptWait),
            StallTime = sources.Read(Settings.StallTime),
            FullTime = sources.Read(Settings.FullTime),
        },
        Log = new LogSettings(
            sources.Read(Settings.AccessLog), sources.Read(Settings.AccessLogFormat), sources.Read(Settings.LogLevel), sources.Read(Settings.RequestId)),
        Proxy = ProxyReader.Read(sources),
        Tls = TlsReader.Read(sources),
        Safety = SafetyReader.Read(sources),
        ShutdownTimeout = sources.Read(Settings.ShutdownTimeout),
        Site = new SiteRulesReader(sources.File.Name, "site").Apply(site.Value, sources.File.Site),
        Hosts = ReadHosts(sources, site.Value),
    };

    /// <summary>Where to listen.</summary>
    /// <exception cref="ConfigurationException">One of the settings that say so is wrong.</exception>
    public static IReadOnlyList<ListenAddress> ReadAddresses(SettingSources sources)
    {
        string host = sources.Read(Settings.Address);
        int port = sources.Read(Settings.Port);
        IReadOnlyList<ListenAddress> listen = sources.Read(Settings.Listen);
        sources.WarnOfOverridden(Settings.Address, by: Settings.Listen);
        sources.WarnOfOverridden(Settings.Port, by: Settings.Listen);
        return listen.Count > 0 ? listen : [ListenAddress.Parse($"{host}:{port}")];
    }

    private static SiteOptions ReadSite(SettingSources sources) => new()
    {
        DocumentRoot = ReadDocumentRoot(sources),
        SinglePage = sources.Read(Settings.SinglePage),
        Listing = sources.Read(Settings.Listing),
        FollowLinks = sources.Read(Settings.FollowLinks),
        Compression = sources.Read(Settings.Compression),
        CacheSize = sources.Read(Settings.CacheSize),
    };

    private static IReadOnlyList<HostSite> ReadHosts(SettingSources sources, SiteOptions server)
    {
        IReadOnlyList<HostFile> hosts = sources.File.Hosts;
        if (hosts.SelectMany(host => host.Names).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
            throw new ConfigurationException($"hosts in {sources.File.Name}: {twice} is named twice, and only one site can have it.");
        return [.. hosts.Select((host, i) => new HostSite(host.Names, new SiteRulesReader(sources.File.Name, $"hosts[{i}]").OfHost(server, host)))];
    }

    private static bool ReadTakeover(SettingSources sources)
    {
        bool takeover = sources.Read(Settings.Takeover);
        if (takeover && sources.Read(Settings.Control) is null)
            throw new ConfigurationException($"{Settings.Takeover.Flag} needs the control socket of the running server: {Settings.Control.Flag} PATH, or {Settings.Control.Variable}.");
        return takeover;
    }

    private static ListenSocketOptions ReadSocketOptions(SettingSources sources)
    {
        var keepAlive = new KeepAlive
        {
            Idle = sources.Read(Settings.KeepAliveIdle),
            Interval = sources.Read(Settings.KeepAliveInterval),
            Count = sources.Read(Settings.KeepAliveCount),
        };
        return new ListenSocketOptions
        {
            Backlog = sources.Read(Settings.Backlog),
            UnixMode = sources.Read(Settings.UnixMode),
            NoDelay = sources.Read(Settings.NoDelay),
            KeepAlive = sources.Read(Settings.KeepAlive) ? keepAlive : null,
            DeferAccept = sources.Read(Settings.DeferAccept),
            FastOpen = sources.Read(Settings.FastOpen),
            FreeBind = sources.Read(Settings.FreeBind),
            IPv6Only = sources.Read(Settings.IPv6Only),
            ReceiveBuffer = sources.Read(Settings.ReceiveBuffer),
            SendBuffer = sources.Read(Settings.SendBuffer),
        };
    }

    private static string ReadDocumentRoot(SettingSources sources)
    {
        Written written = sources.Find(Settings.DocumentRoot);
        string root = Path.GetFullPath(sources.Read(Settings.DocumentRoot));
        // Where everything is handed on there need be no pages.
        if (Directory.Exists(root) || (written.Where is null && sources.IsWritten(Settings.Upstream))) return root;

        string problem = File.Exists(root) ? "is a file, not a folder" : "there is no such folder";
        throw new ConfigurationException(written.Where is null
            ? $"{written.Text}: {problem} in {Environment.CurrentDirectory}. Name the folder to serve: rcomm serve ROOT, or RCOMM_DOCUMENT_ROOT."
            : $"{written.Quoted}: {problem} ({root}). Name a folder that is there.");
    }
}
