using System.Net;
using Microsoft.Extensions.Logging;
using Rcomm.Http.AccessLogging;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;

namespace Rcomm.Settings;

/// <summary>Every setting of <c>rcomm serve</c>: one table that flags, environment, file, help and README follow.</summary>
internal static class SettingCatalog
{
    public static readonly Setting<Backlog> Backlog = new("backlog", "128",
        "how many connections may wait to be accepted: a whole number from 0, max (the kernel's cap), or auto (grows as the queue fills)", SettingParsers.Backlog) { ForgivenInEnvironment = true };

    public static readonly Setting<ShardCount> Shards = new("shards", "1",
        "listening sockets for each TCP address, with a queue each: a number, or auto (as many as it takes to hold the backlog)", SettingParsers.Shards);

    public static readonly Setting<string> Address = new("address", "127.0.0.1",
        "the address to listen on; * for every one the machine has", SettingParsers.Host);

    public static readonly Setting<int> Port = new("port", "7878",
        "the port to listen on; 0 for any free one", SettingParsers.Number(0, 65535));

    public static readonly Setting<IReadOnlyList<ListenAddress>> Listen = new("listen", "",
        "several addresses at once, like 127.0.0.1:80,[::]:80,unix:/run/rcomm/http.sock; overrides address and port", SettingParsers.Addresses);

    public static readonly Setting<string> DocumentRoot = new("document-root", "./pages",
        "the folder to serve", SettingParsers.Text) { Argument = "ROOT" };

    public static readonly Setting<IReadOnlyList<Uri>> Upstream = new("upstream", "",
        "hand all requests on to this service, like http://127.0.0.1:3000; several, separated by commas, share them", SettingParsers.Urls);

    public static readonly Setting<int> UpstreamConnections = new("upstream-connections", "64",
        "requests, and so connections, that upstreams get at once; others wait their turn", SettingParsers.Number(1, 65535));

    public static readonly Setting<int> UpstreamQueue = new("upstream-queue", "20000",
        "requests that may wait for their turn at an upstream; more get 503", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<TimeSpan> UpstreamWait = new("upstream-wait", "30s",
        "how long a request may wait for its turn before it gets 503", SettingParsers.Time);

    public static readonly Setting<TimeSpan> UpstreamTimeout = new("upstream-timeout", "100s",
        "how long an upstream may be silent before a request gets 504", SettingParsers.Time);

    public static readonly Setting<string> UpstreamHealth = new("upstream-health", "",
        "a path, like /healthz, asked every 5 s; an upstream that fails twice gets no requests until it answers again", SettingParsers.UrlPath);

    public static readonly Setting<bool> SinglePage = new("spa", "off",
        "for a single-page application: paths that lead nowhere are answered with the root's page", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> Listing = new("listing", "off",
        "list what is in a folder that has no page of its own", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> FollowLinks = new("follow-links", "off",
        "serve symbolic links that lead out of the folder", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> Compression = new("compression", "on",
        "compress text for clients that accept it, once for each file; files beside it that end in .br, .zst or .gz are sent in any case", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<int> CacheSize = new("cache-size", "32m",
        "bytes of small files that are kept in memory; a changed file is noticed at once", SettingParsers.Size);

    public static readonly Setting<int> MaxConnections = new("max-connections", "0",
        "open connections; past it, new ones wait in the listen queue; 0 for no limit", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<Overload> Overload = new("overload", "wait",
        "what happens to connections past that limit: wait (in the listen queue), or reject (a 503 with Retry-After at once)", SettingParsers.OneOf<Overload>);

    public static readonly Setting<Transport> Transport = new("transport", "epoll",
        "how connections are read and written: epoll (with the kernel's own calls; Linux), or sockets (with .NET's)", SettingParsers.OneOf<Transport>);

    public static readonly Setting<IReadOnlyList<string>> TlsCertificate = new("tls-certificate", "",
        "serve HTTPS with these certificates, files in PEM or PFX, separated by commas; each is used for the names in it", SettingParsers.List);

    public static readonly Setting<IReadOnlyList<string>> TlsKey = new("tls-key", "",
        "the private keys, in the order of the certificates; left out where they stand in the same files", SettingParsers.List);

    public static readonly Setting<string> TlsPassword = new("tls-password", "",
        "the password of PFX files or of encrypted keys", SettingParsers.Text) { IsSecret = true };

    public static readonly Setting<bool> TlsSelfSigned = new("tls-self-signed", "off",
        "serve HTTPS with a certificate made at the start, for trying out", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<IReadOnlyList<ListenAddress>> HttpsRedirect = new("https-redirect", "",
        "addresses at which plain HTTP is sent to HTTPS, like 0.0.0.0:80", SettingParsers.Addresses);

    public static readonly Setting<int?> HttpsPort = new("https-port", "",
        "the port that the redirect to HTTPS leads to, where clients reach it on another one than is listened on, e.g. 443 behind a port mapping", SettingParsers.OrNone(SettingParsers.Number(1, 65535)));

    public static readonly Setting<TimeSpan?> Hsts = new("hsts", "",
        "Strict-Transport-Security: for so long clients use HTTPS alone, like 365d", SettingParsers.OrNone<TimeSpan>(SettingParsers.Time));

    public static readonly Setting<bool> Http3 = new("http3", "off",
        "HTTP/3 beside HTTPS, where the system has libmsquic", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> ServerHeader = new("server-header", "on",
        "Server: rcomm in each answer", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<string> FrameOptions = new("frame-options", "SAMEORIGIN",
        "X-Frame-Options: who may show the pages in a frame; off for no such header", SettingParsers.HeaderValue);

    public static readonly Setting<string> ReferrerPolicy = new("referrer-policy", "strict-origin-when-cross-origin",
        "Referrer-Policy: what other sites learn of where a visitor comes from; off for no such header", SettingParsers.HeaderValue);

    public static readonly Setting<string> ContentSecurityPolicy = new("content-security-policy", "",
        "Content-Security-Policy: what the pages may load, like default-src 'self'", SettingParsers.HeaderValue);

    public static readonly Setting<IReadOnlyList<string>> Cors = new("cors", "",
        "origins whose pages may read the answers, like https://app.example.com, separated by commas; * for all", SettingParsers.Origins);

    public static readonly Setting<IReadOnlyList<IPNetwork>> Allow = new("allow", "",
        "clients that are served, all others get 403: networks like 10.0.0.0/8, separated by commas", SettingParsers.Networks);

    public static readonly Setting<IReadOnlyList<IPNetwork>> Deny = new("deny", "",
        "clients that get 403, even if they are allowed", SettingParsers.Networks);

    public static readonly Setting<string> Htpasswd = new("htpasswd", "",
        "ask for a name and a password: a file of htpasswd -B (bcrypt)", SettingParsers.Text);

    public static readonly Setting<IReadOnlyList<IPNetwork>> TrustedProxies = new("trusted-proxies", "",
        "proxies whose Forwarded and X-Forwarded-For, -Proto and -Host are believed: networks, separated by commas", SettingParsers.Networks);

    public static readonly Setting<bool> ProxyProtocol = new("proxy-protocol", "off",
        "connections begin with the PROXY protocol, version 1 or 2; only behind a proxy that sends it", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<int> ClientConnections = new("client-connections", "0",
        "open connections of one client address (IPv6: of one /64); more are closed; 0 for no limit", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<int> ClientRate = new("client-rate", "0",
        "new connections a second from one client address (IPv6: from one /64); more get 429; 0 for no limit", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<int> RequestsPerConnection = new("requests-per-connection", "0",
        "requests on one connection before it is closed; 0 for no limit", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<int> MaxRequestLine = new("max-request-line", "8k",
        "bytes of a request line; a longer one gets 414", SettingParsers.Size);

    public static readonly Setting<int> MaxHeaders = new("max-headers", "100",
        "headers of a request; more get 431", SettingParsers.Number(1, 10_000));

    public static readonly Setting<int> MaxHeaderSize = new("max-header-size", "32k",
        "bytes of all headers of a request; more get 431", SettingParsers.Size);

    public static readonly Setting<int> MaxBody = new("max-body", "30m",
        "bytes of a request's body; a longer one gets 413", SettingParsers.Size);

    public static readonly Setting<TimeSpan> HeaderTimeout = new("header-timeout", "30s",
        "how long a client may take for a request's line and headers, and for a TLS handshake", SettingParsers.Time);

    public static readonly Setting<TimeSpan> IdleTimeout = new("idle-timeout", "130s",
        "how long a connection may stay open without a request", SettingParsers.Time);

    public static readonly Setting<int> MinRate = new("min-rate", "240",
        "bytes a second at which a client must send a body and take an answer, after the first 5 s; 0 for no limit", SettingParsers.Number(0, int.MaxValue));

    public static readonly Setting<IReadOnlyList<ListenAddress>> Admin = new("admin", "",
        "address of the admin pages: /, /healthz, /readyz, /metrics, /status.json", SettingParsers.Addresses);

    public static readonly Setting<ListenAddress?> Control = new("control", "",
        "path of the control socket, for takeover, status and live changes", SettingParsers.SocketPath);

    public static readonly Setting<bool> Takeover = new("takeover", "off",
        "take the listening sockets over from the server at the control socket; nobody is turned away", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<TimeSpan> DrainDelay = new("drain-delay", "0s",
        "how long to go on accepting after readiness has failed, so that load balancers notice", SettingParsers.Time);

    public static readonly Setting<AccessLogTarget> AccessLog = new("access-log", "on",
        "a line for each request: on (standard output), off, the path of a file (opened anew on SIGUSR1), or on,PATH for both", AccessLogTarget.Read) { IsSwitch = true };

    public static readonly Setting<AccessLogFormat> AccessLogFormat = new("access-log-format", "line",
        "how its lines look: line (for people), common, combined or json", SettingParsers.OneOf<AccessLogFormat>);

    public static readonly Setting<LogLevel> LogLevel = new("log-level", "information",
        "what the server itself says: debug, information, warning or error; --quiet and --verbose are short for warning and debug", SettingParsers.Level);

    public static readonly Setting<bool> RequestId = new("request-id", "off",
        "an X-Request-Id in each answer, which the json access log has too", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<TimeSpan> ShutdownTimeout = new("shutdown-timeout", "30s",
        "how long requests in flight may take to finish after SIGTERM or Ctrl-C", SettingParsers.Time);

    public static readonly Setting<bool> AcceptWait = new("accept-wait", "on",
        "measure how long each connection waited in the listen queue: one system call for each", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<TimeSpan> StallTime = new("stall-time", "2s",
        "how long connections may wait without one being accepted before a warning, and before /readyz says no", SettingParsers.Time);

    public static readonly Setting<TimeSpan> FullTime = new("full-time", "5s",
        "how long a listen queue may be full before /readyz says no", SettingParsers.Time);

    public static readonly Setting<UnixFileMode> UnixMode = new("unix-mode", "0660",
        "the mode of a Unix socket's file, in octal", SettingParsers.FileMode);

    public static readonly Setting<bool> NoDelay = new("no-delay", "on",
        "TCP_NODELAY: send small answers at once", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> KeepAlive = new("keepalive", "on",
        "SO_KEEPALIVE: ask silent clients whether they are still there", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<TimeSpan> KeepAliveIdle = new("keepalive-idle", "60s",
        "TCP_KEEPIDLE: silence before the first keepalive probe", WholeSeconds);

    public static readonly Setting<TimeSpan> KeepAliveInterval = new("keepalive-interval", "10s",
        "TCP_KEEPINTVL: time between keepalive probes", WholeSeconds);

    public static readonly Setting<int> KeepAliveCount = new("keepalive-count", "5",
        "TCP_KEEPCNT: unanswered probes before a connection is given up", SettingParsers.Number(1, 127));

    public static readonly Setting<TimeSpan?> DeferAccept = new("defer-accept", "",
        "TCP_DEFER_ACCEPT: hand a connection over once its first bytes are there, or after this time", SettingParsers.OrNone<TimeSpan>(WholeSeconds));

    public static readonly Setting<int?> FastOpen = new("fast-open", "",
        "TCP_FASTOPEN: how many connections may wait whose first bytes came with the SYN", SettingParsers.OrNone(SettingParsers.Number(1, int.MaxValue)));

    public static readonly Setting<bool> FreeBind = new("freebind", "off",
        "IP_FREEBIND: listen on an address that the machine does not have yet", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<bool> IPv6Only = new("ipv6-only", "off",
        "IPV6_V6ONLY: [::] takes no IPv4 clients", SettingParsers.Switch) { IsSwitch = true };

    public static readonly Setting<int?> ReceiveBuffer = new("receive-buffer", "",
        "SO_RCVBUF: bytes, like 256k; left to the kernel when unset", SettingParsers.OrNone<int>(SettingParsers.Size));

    public static readonly Setting<int?> SendBuffer = new("send-buffer", "",
        "SO_SNDBUF: bytes, like 256k; left to the kernel when unset", SettingParsers.OrNone<int>(SettingParsers.Size));

    /// <summary>What sites are made of; a reload makes them anew.</summary>
    public static IReadOnlyList<Setting> OfSites { get; } = [DocumentRoot, SinglePage, Listing, FollowLinks, Compression, CacheSize];

    /// <summary>In the order in which help and README show them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Backlog, Shards, Address, Port, Listen, DocumentRoot, SinglePage, Listing, FollowLinks, Compression, CacheSize, MaxConnections, Overload, Transport, Admin, Control, Takeover, AccessLog, AccessLogFormat, LogLevel, RequestId, DrainDelay, ShutdownTimeout,
        TlsCertificate, TlsKey, TlsPassword, TlsSelfSigned, HttpsRedirect, HttpsPort, Hsts, Http3,
        ServerHeader, FrameOptions, ReferrerPolicy, ContentSecurityPolicy, Cors, Allow, Deny, Htpasswd, TrustedProxies, ProxyProtocol,
        Upstream, UpstreamConnections, UpstreamQueue, UpstreamWait, UpstreamTimeout, UpstreamHealth,
        ClientConnections, ClientRate, RequestsPerConnection, MaxRequestLine, MaxHeaders, MaxHeaderSize, MaxBody, HeaderTimeout, IdleTimeout, MinRate,
        AcceptWait, StallTime, FullTime, UnixMode,
        NoDelay, KeepAlive, KeepAliveIdle, KeepAliveInterval, KeepAliveCount,
        DeferAccept, FastOpen, FreeBind, IPv6Only, ReceiveBuffer, SendBuffer,
    ];

    // The kernel counts these in whole seconds and takes none below one.
    private static TimeSpan WholeSeconds(string text)
    {
        TimeSpan time = SettingParsers.Time(text);
        return time >= TimeSpan.FromSeconds(1) && time.Ticks % TimeSpan.TicksPerSecond == 0 && time.TotalSeconds <= 32767
            ? time
            : throw new FormatException("write whole seconds from 1s to 32767s");
    }
}
