using System.Diagnostics;
using System.Globalization;

namespace Rcomm.Peers;

/// <summary>The parameters of a server.</summary>
/// <param name="Port">Where it listens on 127.0.0.1.</param>
/// <param name="Backlog">The backlog to ask for; null for the server's own default.</param>
/// <param name="Root">The folder with page.txt (1 KiB) and large.bin (100 MiB).</param>
/// <param name="Scratch">A folder for its configuration and logs.</param>
/// <param name="Upstream">The port on 127.0.0.1 of the service behind the proxy; 0 if the server serves the folder itself.</param>
/// <param name="Certificate">The certificate file for HTTPS; the key file has the suffix <c>.key</c>. Null for HTTP.</param>
internal sealed record Setup(int Port, int? Backlog, string Root, string Scratch, int Upstream = 0, string? Certificate = null);

/// <summary>A server in the comparison: how it is started, also as a proxy, and what it can't do.</summary>
internal sealed record Peer(
    string Name, string What, Func<Setup, ProcessStartInfo> Command, Func<Setup, ProcessStartInfo>? Proxy = null,
    bool ServesLargeFiles = true, bool ServesHttps = false)
{
    private static readonly string Results = Path.GetFullPath("results");

    public static IReadOnlyList<Peer> All { get; } =
    [
        new("nginx", "2 workers, sendfile, open_file_cache, access log to a file in batches; 16,000 worker_connections, " +
            "as one worker may get most of a burst, and they take memory; as a proxy with 64 kept connections for each worker; " +
            "TLS 1.2 and 1.3, as all others have it: versions before 1.23.4 have only 1.2 by default, whose handshake takes half the time", Nginx, NginxProxy,
            ServesHttps: true),
        new("haproxy", "2 threads, the page returned from memory, no access log; it serves no files", HAProxy, HAProxyProxy, ServesLargeFiles: false),
        new("kestrel", "ASP.NET Core with the builder's defaults and UseStaticFiles, JIT, no access log; " +
            "as a proxy twenty lines on YARP's IHttpForwarder", Kestrel, Forwarder),
        new("node", "Node's http server with its defaults, one process, no access log", Node),
        Rcomm("rcomm", "compiled ahead of time, its defaults, access log to a file (in batches, as is its way)", Path.Combine(Results, "rcomm", "rcomm")),
    ];

    /// <summary>Returns an older build of rcomm, to compare it with this one in the same run.</summary>
    /// <param name="program">The path of its program.</param>
    public static Peer Before(string program) => Rcomm("before", "an older build of rcomm, started in the same way", Path.GetFullPath(program));

    private static Peer Rcomm(string name, string what, string program) => new(
        name, what, setup => Rcomm(program, setup, "serve", setup.Root),
        setup => Rcomm(program, setup, "proxy", $"http://127.0.0.1:{setup.Upstream}"), ServesHttps: true);

    private static ProcessStartInfo Nginx(Setup setup) => Nginx(setup, $"root {setup.Root};", "");

    private static ProcessStartInfo NginxProxy(Setup setup) => Nginx(
        setup, "location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
        $"upstream service {{ server 127.0.0.1:{setup.Upstream}; keepalive 64; keepalive_requests 100000000; }}");

    private static ProcessStartInfo Nginx(Setup setup, string serve, string upstream)
    {
        string configuration = Path.Combine(setup.Scratch, "nginx.conf");
        string backlog = setup.Backlog is { } n ? string.Create(CultureInfo.InvariantCulture, $" backlog={n}") : "";
        string ssl = setup.Certificate is null ? "" : " ssl http2";
        string certificate = setup.Certificate is { } file ? $"ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {file}; ssl_certificate_key {file}.key;" : "";
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes 2;
            worker_rlimit_nofile 20000;
            pid {{setup.Scratch}}/nginx.pid;
            error_log {{setup.Scratch}}/nginx-error.log;
            events { worker_connections 16000; }
            http {
              access_log {{setup.Scratch}}/nginx-access.log combined buffer=64k flush=1s;
              client_body_temp_path {{setup.Scratch}}/nginx-body;
              proxy_temp_path {{setup.Scratch}}/nginx-proxy;
              fastcgi_temp_path {{setup.Scratch}}/nginx-fastcgi;
              uwsgi_temp_path {{setup.Scratch}}/nginx-uwsgi;
              scgi_temp_path {{setup.Scratch}}/nginx-scgi;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 100000000;
              open_file_cache max=1000;
              {{upstream}}
              {{certificate}}
              server { listen 127.0.0.1:{{setup.Port}}{{ssl}}{{backlog}}; {{serve}} }
            }
            """);
        return new("nginx", ["-c", configuration, "-e", Path.Combine(setup.Scratch, "nginx-error.log")]);
    }

    private static ProcessStartInfo HAProxy(Setup setup) =>
        HAProxy(setup, $"  http-request return status 200 content-type text/plain file {setup.Root}/page.txt");

    private static ProcessStartInfo HAProxyProxy(Setup setup) =>
        HAProxy(setup, $"  default_backend service\nbackend service\n  server one 127.0.0.1:{setup.Upstream}");

    private static ProcessStartInfo HAProxy(Setup setup, string serve)
    {
        string configuration = Path.Combine(setup.Scratch, "haproxy.cfg");
        string backlog = setup.Backlog is { } n ? string.Create(CultureInfo.InvariantCulture, $" backlog {n}") : "";
        File.WriteAllText(configuration, $"""
            global
              maxconn 16000
              nbthread 2
              no strict-limits
            defaults
              mode http
              timeout client 30s
              timeout connect 5s
              timeout server 30s
            frontend site
              bind 127.0.0.1:{setup.Port}{backlog}
              maxconn 16000
            {serve}

            """);
        return new("haproxy", ["-db", "-f", configuration]);
    }

    private static ProcessStartInfo Kestrel(Setup setup) =>
        new(Path.Combine(Results, "kestrel", "Peer.Kestrel"), [Text(setup.Port), setup.Root, .. Backlog(setup)]);

    private static ProcessStartInfo Forwarder(Setup setup) =>
        new(Path.Combine(Results, "forwarder", "Peer.Forwarder"), [Text(setup.Port), $"http://127.0.0.1:{setup.Upstream}/", .. Backlog(setup)]);

    private static ProcessStartInfo Node(Setup setup) => new("node", [Path.GetFullPath("node/server.js"), Text(setup.Port), setup.Root, .. Backlog(setup)]);

    private static ProcessStartInfo Rcomm(string program, Setup setup, string command, string what)
    {
        string[] backlog = setup.Backlog is { } n ? ["--backlog", Text(n)] : [];
        string[] tls = setup.Certificate is { } file ? ["--tls-certificate", file, "--tls-key", file + ".key"] : [];
        return new(program, [command, what, "--port", Text(setup.Port), .. backlog, .. tls]);
    }

    private static string[] Backlog(Setup setup) => setup.Backlog is { } n ? [Text(n)] : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
