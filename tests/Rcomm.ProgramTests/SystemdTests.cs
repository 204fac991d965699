using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Rcomm.ProgramTests;

/// <summary>The program, started the way systemd starts it: with descriptors from 3 on, and a socket for notifications.</summary>
public sealed partial class SystemdTests : SystemdTestBase
{
    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [Fact]
    public async Task An_inherited_socket_is_served_with_its_own_backlog_and_who_waited_in_it_is_answered()
    {
        using Socket listener = Listen(backlog: 77);
        using var early = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await early.ConnectAsync(listener.LocalEndPoint!);
        await early.SendAsync(Encoding.ASCII.GetBytes(Request));

        await using RcommProcess server = StartWith([listener], "http", "");

        Assert.Equal($"Listening on {listener.LocalEndPoint} (backlog: 77)", await server.ListeningLineAsync());
        await server.ErrorLineAsync($"inherited fd 3, {listener.LocalEndPoint}, 1 waiting, 0 dropped");
        Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(early));
    }

    [Fact]
    public async Task A_backlog_that_the_operator_set_goes_before_the_one_that_systemd_gave()
    {
        using Socket listener = Listen(backlog: 77);

        await using RcommProcess server = StartWith([listener], "http", "--backlog 300");

        Assert.Equal($"Listening on {listener.LocalEndPoint} (backlog: 300)", await server.ListeningLineAsync());
    }

    [Fact]
    public async Task A_restart_loses_nobody_since_systemd_keeps_the_socket()
    {
        using Socket listener = Listen(backlog: 100);
        await using RcommProcess server = StartWith([listener], "http", "");
        await server.ListeningLineAsync();
        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());

        // No server runs now; the kernel still completes handshakes.
        List<Socket> clients = [];
        for (int i = 0; i < 50; i++)
        {
            clients.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await clients[i].ConnectAsync(listener.LocalEndPoint!);
            await clients[i].SendAsync(Encoding.ASCII.GetBytes(Request));
        }
        await using RcommProcess next = StartWith([listener], "http", "");

        foreach (Socket client in clients)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        await next.ErrorLineAsync("50 waiting, 0 dropped");
    }

    [Fact]
    public async Task Sockets_are_told_apart_by_their_names_and_addresses_that_were_named_are_opened_beside_them()
    {
        using Socket site = Listen(backlog: 10), admin = Listen(backlog: 10);

        await using RcommProcess server = StartWith([site, admin], "http:admin", "--port 0");

        await server.ErrorLineAsync($"Admin pages at http://{admin.LocalEndPoint}/");
        await server.OutputLineAsync($"Listening on {site.LocalEndPoint} ");
        using var http = new HttpClient();
        Assert.Equal("ok\n", await http.GetStringAsync($"http://{admin.LocalEndPoint}/healthz"));
        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Equal(2, server.Output.Split('\n').Count(line => line.StartsWith("Listening on ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Variables_meant_for_another_process_are_passed_over()
    {
        await using RcommProcess server = RcommProcess.StartInShell("export LISTEN_PID=1 LISTEN_FDS=1", $"serve {_site.Root} --port 0");

        await server.ListeningLineAsync();
        Assert.DoesNotContain("inherited", server.Errors);
    }

    [Theory]
    [InlineData("export LISTEN_PID=$$ LISTEN_FDS=many", "LISTEN_FDS=many")]
    [InlineData("exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1", "fd 3, which the service manager handed over, isn't a listening stream socket")]
    public async Task What_is_no_socket_is_a_sentence(string shell, string sentence)
    {
        await using RcommProcess server = RcommProcess.StartInShell(shell, $"serve {_site.Root}");

        Assert.Equal(2, await server.ExitCodeAsync());
        Assert.Contains(sentence, server.Errors);
    }

    [Fact]
    public async Task An_upgrade_goes_on_with_the_service_managers_socket_and_its_backlog()
    {
        using Socket listener = Listen(backlog: 77);
        string control = Path.Combine(_site.Folder, "control");
        await using RcommProcess server = StartWith([listener], "http", $"--control {control}");
        await server.ListeningLineAsync();

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"upgrade --control {control}");

        Assert.True(exitCode == 0, errors + server.Errors);
        try
        {
            using var http = new HttpClient();
            Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync(new Uri($"http://{listener.LocalEndPoint}/howdy")));
        }
        finally
        {
            await RcommProcess.RunAsync($"drain --wait --control {control}");
        }
        // Both have ended and written all their output.
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Equal(2, server.Output.Split('\n').Count(line => line == $"Listening on {listener.LocalEndPoint} (backlog: 77)"));
        // The socket belongs to the service manager and continues to listen.
        using var later = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await later.ConnectAsync(listener.LocalEndPoint!);
    }

    [Theory]
    [InlineData("--listen [::]:{0}")]
    [InlineData("--listen 0.0.0.0:{0}")]
    [InlineData("--address 127.0.0.1 --port {0}")]
    public async Task An_address_that_the_inherited_socket_covers_is_not_opened_beside_it(string arguments)
    {
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen(77);
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;

        await using RcommProcess server = StartWith([listener], "http", string.Format(arguments, port));

        Assert.Equal($"Listening on *:{port} (backlog: 77)", await server.ListeningLineAsync());
        using var http = new HttpClient();
        Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/howdy")));
    }

    [Fact]
    public async Task Beside_a_socket_for_HTTPS_the_one_for_HTTP_leads_there()
    {
        using Socket plain = Listen(backlog: 10), tls = Listen(backlog: 10);

        await using RcommProcess server = StartWith([plain, tls], "http:https", "--tls-self-signed");

        await server.ErrorLineAsync($"Redirecting http://{plain.LocalEndPoint}/ to HTTPS");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{plain.LocalEndPoint}/howdy"));
        Assert.Equal($"https://{tls.LocalEndPoint}/howdy", answer.Headers.Location!.ToString());
    }

    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private const int GetDescriptorFlags = 1;
    private const int SetDescriptorFlags = 2;

    private RcommProcess StartWith(Socket[] sockets, string names, string arguments)
    {
        var shell = new StringBuilder();
        for (int i = 0; i < sockets.Length; i++)
        {
            int descriptor = (int)sockets[i].Handle;
            _ = Fcntl(descriptor, SetDescriptorFlags, Fcntl(descriptor, GetDescriptorFlags, 0) & ~1);
            shell.Append($"exec {3 + i}<&{descriptor}; ");
        }
        shell.Append($"export LISTEN_PID=$$ LISTEN_FDS={sockets.Length} LISTEN_FDNAMES={names}");
        return RcommProcess.StartInShell(shell.ToString(), $"serve {_site.Root} --access-log off {arguments}");
    }

    private static Socket Listen(int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }
}
