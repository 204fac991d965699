using System.Diagnostics;
using System.Globalization;

namespace Rcomm.Peers;

/// <summary>What a server is started with.</summary>
/// <param name="Port">Where it listens on 127.0.0.1.</param>
/// <param name="Backlog">The backlog to ask for; null for the server's own default.</param>
/// <param name="Root">The folder with page.txt (1 KiB) and large.bin (100 MiB).</param>
/// <param name="Scratch">A folder for its configuration and logs.</param>
internal sealed record Setup(int Port, int? Backlog, string Root, string Scratch);

/// <summary>A server that is compared: how it is started, and what it cannot do.</summary>
internal sealed record Peer(string Name, string What, Func<Setup, ProcessStartInfo> Command, bool ServesLargeFiles = true)
{
    private static readonly string Results = Path.GetFullPath("results");

    public static IReadOnlyList<Peer> All { get; } =
    [
        new("nginx", "2 workers, sendfile, open_file_cache, access log to a file in batches; 16,000 worker_connections, as one worker may get most of a burst, and they take memory", Nginx),
        new("haproxy", "2 threads, the page returned from memory, no access log; it serves no files", HAProxy, ServesLargeFiles: false),
        new("kestrel", "ASP.NET Core with the builder's defaults and UseStaticFiles, JIT, no access log", Kestrel),
        new("node", "Node's http server with its defaults, one process, no access log", Node),
        new("rcomm", "ahead of time, its defaults, access log to a file (in batches, as is its way)", Rcomm),
    ];

    private static ProcessStartInfo Nginx(Setup setup)
    {
        string configuration = Path.Combine(setup.Scratch, "nginx.conf");
        string backlog = setup.Backlog is { } n ? string.Create(CultureInfo.InvariantCulture, $" backlog={n}") : "";
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
              keepalive_requests 1000000;
              open_file_cache max=1000;
              server { listen 127.0.0.1:{{setup.Port}}{{backlog}}; root {{setup.Root}}; }
            }
            """);
        return new("nginx", ["-c", configuration, "-e", Path.Combine(setup.Scratch, "nginx-error.log")]);
    }

    private static ProcessStartInfo HAProxy(Setup setup)
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
              http-request return status 200 content-type text/plain file {setup.Root}/page.txt

            """);
        return new("haproxy", ["-db", "-f", configuration]);
    }

    private static ProcessStartInfo Kestrel(Setup setup) => new(Path.Combine(Results, "kestrel", "Peer.Kestrel"), [Text(setup.Port), setup.Root, .. Backlog(setup)]);

    private static ProcessStartInfo Node(Setup setup) => new("node", [Path.GetFullPath("node/server.js"), Text(setup.Port), setup.Root, .. Backlog(setup)]);

    private static ProcessStartInfo Rcomm(Setup setup)
    {
        string[] backlog = setup.Backlog is { } n ? ["--backlog", Text(n)] : [];
        return new(Path.Combine(Results, "rcomm", "rcomm"), ["serve", setup.Root, "--port", Text(setup.Port), .. backlog]);
    }

    private static string[] Backlog(Setup setup) => setup.Backlog is { } n ? [Text(n)] : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
