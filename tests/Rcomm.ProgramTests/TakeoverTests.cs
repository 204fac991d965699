using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed class TakeoverTests : IDisposable
{
    private static readonly byte[] Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly SampleSite _site = new();

    private string Control => Path.Combine(_site.Folder, "control");

    [Fact]
    public async Task Requests_go_on_without_one_failure_while_process_after_process_takes_over()
    {
        RcommProcess server = await ServeAsync("--port 0");
        int port = server.Port;
        using var stop = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskUntilAsync(port, stop.Token)))];

        for (int i = 0; i < 3; i++)
        {
            RcommProcess next = await TakeOverAsync($"--port {port}");
            Assert.Equal(0, await server.ExitCodeAsync());
            Assert.Contains($"taken over by process {next.Id}", server.Output);
            await server.DisposeAsync();
            server = next;
        }
        await stop.CancelAsync();

        // A request that failed would have failed its client's task.
        int[] answered = await Task.WhenAll(clients);
        Assert.All(answered, count => Assert.True(count > 0));
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("[::1]:0", "")]
    [InlineData("127.0.0.1:0", "--shards 3")]
    public async Task The_sockets_go_over_with_another_backlog_and_the_kernel_keeps_one_queue(string address, string arguments)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --listen {address} --control {Control} --backlog 100 {arguments}");
        string listen = (await server.ListeningLineAsync()).Split(' ')[2];

        await using RcommProcess next = await TakeOverAsync($"--listen {listen} --backlog 300 {arguments}");

        Assert.Contains($"Listening on {listen} (backlog: 300", await next.ListeningLineAsync());
        Assert.Equal(0, await server.ExitCodeAsync());
        using var http = new HttpClient();
        Assert.Equal("<h1>home</h1>", await http.GetStringAsync($"http://{listen}/"));
    }

    [Fact]
    public async Task A_takeover_can_add_shards()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog 50");
        int port = server.Port;

        await using RcommProcess next = await TakeOverAsync($"--port {port} --backlog 50 --shards 3");

        Assert.Contains("(backlog: 50, 3 shards: 150 in all)", await next.ListeningLineAsync());
        Assert.Equal(0, await server.ExitCodeAsync());
        for (int i = 0; i < 20; i++) Assert.StartsWith("HTTP/1.1 200 OK", await next.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_unix_socket_goes_over_and_its_file_stays_until_the_last_one_ends()
    {
        string path = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --listen unix:{path} --control {Control}");
        await using RcommProcess next = await TakeOverAsync($"--listen unix:{path}");
        Assert.Equal(0, await server.ExitCodeAsync());

        using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await client.SendAsync(Request);
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
        }

        next.Signal(Signals.SIGTERM);
        Assert.Equal(0, await next.ExitCodeAsync());
        Assert.False(File.Exists(path));
        Assert.False(File.Exists(Control));
    }

    [Fact]
    public async Task Connections_that_wait_in_the_queue_are_answered_by_whichever_accepts_them()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        List<Socket> waiting = [];
        Task<RcommProcess> taking = TakeOverAsync($"--port {server.Port}");
        for (int i = 0; i < 200; i++)
        {
            waiting.Add(await server.ConnectAsync());
            await waiting[i].SendAsync(Request);
            await Task.Yield();
        }

        foreach (Socket socket in waiting)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(socket));
            socket.Dispose();
        }
        await using RcommProcess next = await taking;
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task An_address_that_the_new_process_does_not_want_is_drained_and_closed_by_the_old_one()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --listen 127.0.0.1:0,[::1]:0 --control {Control}");
        int port = server.Port;

        await using RcommProcess next = await TakeOverAsync($"--port {port}");

        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.DoesNotContain("::1", next.Output);
        Assert.StartsWith("HTTP/1.1 200 OK", await next.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_taker_that_fails_before_it_is_ready_changes_nothing()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using (var taker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await taker.ConnectAsync(new UnixDomainSocketEndPoint(Control));
            await taker.SendAsync(Framed("{\"version\":1,\"kind\":\"Takeover\"}"));
            Assert.True(await taker.ReceiveAsync(new byte[4096]) > 0);
        }

        await server.ErrorLineAsync("failed, this one goes on");

        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        await using RcommProcess next = await TakeOverAsync($"--port {server.Port}");
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_new_process_with_a_wrong_setting_never_asks_for_the_sockets()
    {
        await using RcommProcess server = await ServeAsync("--port 0");

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve /nowhere --port {server.Port} --takeover --control {Control}");

        Assert.Equal(2, exitCode);
        Assert.Contains("there is no such folder", errors);
        Assert.DoesNotContain("Takeover", server.Output);
    }

    [Fact]
    public async Task Two_takers_at_once_are_told_apart()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using var slow = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await slow.ConnectAsync(new UnixDomainSocketEndPoint(Control));
        await slow.SendAsync(Framed("{\"version\":1,\"kind\":\"Takeover\"}"));
        Assert.True(await slow.ReceiveAsync(new byte[4096]) > 0);

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port {server.Port} --takeover --control {Control}");

        Assert.Equal(2, exitCode);
        Assert.Contains("Another takeover is under way", errors);
    }

    [Fact]
    public async Task With_nobody_to_take_over_from_the_server_starts_as_ever()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --takeover");

        await server.ErrorLineAsync("there is nothing to take over");
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_takeover_without_a_control_socket_is_an_error()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port 0 --takeover");

        Assert.Equal(2, exitCode);
        Assert.Contains("--control PATH", errors);
    }

    public void Dispose() => _site.Dispose();

    private async Task<RcommProcess> ServeAsync(string arguments)
    {
        RcommProcess server = RcommProcess.Start($"serve {_site.Root} --control {Control} {arguments}");
        await server.ListeningLineAsync();
        return server;
    }

    private async Task<RcommProcess> TakeOverAsync(string arguments)
    {
        RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} {arguments}");
        await next.OutputLineAsync("Taken over from the running server");
        return next;
    }

    private static async Task<int> AskUntilAsync(int port, CancellationToken stop)
    {
        int answered = 0;
        for (; !stop.IsCancellationRequested; answered++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, CancellationToken.None);
            await socket.SendAsync(Request);
            Assert.EndsWith("<h1>home</h1>", await RcommProcess.ReadToEndAsync(socket));
        }
        return answered;
    }

    private static byte[] Framed(string json)
    {
        byte[] framed = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, json.Length);
        Encoding.UTF8.GetBytes(json, framed.AsSpan(4));
        return framed;
    }
}
