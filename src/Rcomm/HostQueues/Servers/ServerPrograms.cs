
namespace Rcomm.HostQueues.Servers;

/// <summary>The known servers and their backlogs, as in docs/other-servers.md.</summary>
internal static class ServerPrograms
{
    private const string Restart = "restart";
    private const string CapItself = "the kernel's cap, read when it starts";

    public static IReadOnlyList<ServerProgram> All { get; } =
    [
        new("nginx", ["nginx", "openresty"], null, "511", "listen {PORT} backlog={N};", "reload: nginx -s reload", null, "1.22.1"),
        new("Apache httpd", ["apache2", "httpd"], null, "511", "ListenBacklog {N}", Restart, null, "2.4.71"),
        new("HAProxy", ["haproxy"], null, "its maxconn", "backlog {N} (in the frontend)", Restart, null, "2.6.12"),
        new("Envoy", ["envoy"], null, CapItself, "tcp_backlog_size: {N} (of the listener)", Restart, null, null),
        new("lighttpd", ["lighttpd"], null, "1024", "server.listen-backlog = {N}", Restart, null, "1.4.69"),
        new("Varnish", ["varnishd", "cache-main"], null, "1024", "varnishd -p listen_depth={N}", Restart, null, "7.1.1"),
        new("Caddy", ["caddy"], null, CapItself, "none: raise net.core.somaxconn", Restart, null, "2.6.2"),
        new("Go net/http", [], null, CapItself, "none: raise net.core.somaxconn", Restart, null, "1.19.8"),
        new("Node.js", ["node", "nodejs"], null, "511", "server.listen({ port, backlog: {N} })", Restart, null, "20.20.2"),
        new("Deno", ["deno"], null, "511", "Deno.serve({ tcpBacklog: {N} }, handler)", Restart, null, "2.9.6"),
        new("Bun", ["bun"], null, "512", "none: rcomm backlog, after each start", "", null, "1.4.5"),
        new("ASP.NET Core Kestrel", ["dotnet"], null, "512", "builder.WebHost.UseSockets(sockets => sockets.Backlog = {N})", Restart, null, "10.0.12"),
        new("gunicorn", ["gunicorn", "python"], "gunicorn", "2048", "--backlog {N}", Restart, null, "20.1.0"),
        new("uvicorn", ["uvicorn", "python"], "uvicorn", "2048", "--backlog {N}", Restart, null, "0.17.6"),
        new("hypercorn", ["hypercorn", "python"], "hypercorn", "100", "--backlog {N}", Restart, null, "0.13.2"),
        new("waitress", ["waitress-serve", "python"], "waitress", "1024", "--backlog={N}", Restart, null, null),
        new("Python http.server", ["python"], null, "5; asyncio: 100",
            "request_queue_size = {N} in the server class; asyncio: create_server(backlog={N})", Restart, null, "3.11"),
        new("uWSGI", ["uwsgi"], null, "100", "--listen {N}", Restart, "it refuses to start above the kernel's cap", "2.0.21"),
        new("Puma", ["puma", "ruby"], "puma", "1024", "bind 'tcp://0.0.0.0:{PORT}?backlog={N}'", Restart, null, "5.6.5"),
        new("Unicorn", ["unicorn", "ruby"], "unicorn", "1024", "listen {PORT}, backlog: {N}", "reload: kill -HUP", null, "6.0.0"),
        new("PHP-FPM", ["php-fpm"], null, CapItself, "listen.backlog = {N}", Restart, null, "8.2.36"),
        new("Tomcat", ["java"], "org.apache.catalina", "100", "<Connector acceptCount=\"{N}\">; Spring Boot: server.tomcat.accept-count={N}", Restart,
            null, "10.1.60"),
        new("Jetty", ["java"], "jetty", "50", "jetty.http.acceptQueueSize={N}; ServerConnector.setAcceptQueueSize({N})", Restart, null, "9.4.57"),
        new("Netty", ["java"], "netty", CapItself, "bootstrap.option(ChannelOption.SO_BACKLOG, {N})", Restart, null, "4.1.48"),
        new("Java ServerSocket", ["java"], null, "50", "new ServerSocket(port, {N}); Spring Boot: server.tomcat.accept-count={N}", Restart, null, "17"),
        new("Rust std", [], null, "128", "none: build the socket with socket2 and socket.listen({N})", Restart, null, "1.95.0"),
        new("Rust tokio", [], null, "1024", "TcpSocket::listen({N})", Restart, null, null),
        new("Erlang gen_tcp", ["beam.smp", "beam"], null, "5", "{backlog, {N}} among the listen options; Cowboy: socket_opts => [{backlog, {N}}]",
            Restart, null, "OTP 25"),
        new("PostgreSQL", ["postgres", "postmaster"], null, "2 × (max_connections + 22)", "max_connections (no setting of its own)", Restart, "10000", "15.18"),
        new("MariaDB", ["mariadbd"], null, "50 + max_connections / 5", "back_log = {N}", Restart, null, "10.11.19"),
        new("MySQL", ["mysqld"], null, "max_connections", "back_log = {N}", Restart, null, null),
        new("Redis", ["redis-server", "valkey-server", "redis-check-rdb"], null, "511", "tcp-backlog {N}", Restart, null, "7.0.15"),
        new("memcached", ["memcached"], null, "1024", "-b {N}", Restart, null, "1.6.18"),
        new("OpenSSH sshd", ["sshd"], null, "128", "none: give the socket to systemd (ssh.socket) with Backlog={N}", Restart, null, "9.2"),
        new("systemd sockets", ["systemd"], null, "4096 (before 254), the kernel's cap", "Backlog={N} in the .socket unit",
            "systemctl daemon-reload, then restart the .socket", null, null),
        new("rcomm", ["rcomm"], null, "128", "RCOMM_BACKLOG={N}", "at once: rcomm backlog {N}", null, null),
    ];

    /// <summary>Identifies the server by its program file and command line; returns null if that isn't possible.</summary>
    public static ServerProgram? Identify(ServerProcess process)
    {
        string executable = process.Executable;
        return All.FirstOrDefault(server => server.Executables.Any(name => IsNamed(executable, name))
            && (server.Word is null || process.CommandLine.Contains(server.Word, StringComparison.OrdinalIgnoreCase)))
            ?? (process.IsDotNet ? Named("ASP.NET Core Kestrel") : process.IsGo ? Named("Go net/http") : null);
    }

    private static ServerProgram Named(string name) => All.Single(server => server.Name == name);

    // Distributions append a version: php-fpm8.2, python3.11.
    private static bool IsNamed(string executable, string name) =>
        executable.StartsWith(name, StringComparison.Ordinal) && executable.AsSpan(name.Length).Trim("0123456789.-").IsEmpty;
}
