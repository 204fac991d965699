using System.Net;
using System.Net.Sockets;

namespace Rcomm.ProgramTests;

public sealed class TakeoverTests : TakeoverTestBase
{
    [Theory]
    [InlineData("accept4", "accept4")]
    [InlineData("io_uring", "accept4")]
    [InlineData("io_uring", "io_uring")]
    public async Task Requests_go_on_without_one_failure_while_process_after_process_takes_over(string method, string otherMethod)
    {
        AcceptMethodTests.SkipWithout(method);
        RcommProcess server = await ServeAsync($"--port 0 --accept {method}");
        int port = server.Port;
        using var stop = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskUntilAsync(port, stop.Token)))];

        for (int i = 0; i < 3; i++)
        {
            RcommProcess next = await TakeOverAsync($"--port {port} --accept {(i % 2 == 0 ? otherMethod : method)}");
            Assert.Equal(0, await server.ExitCodeAsync());
            Assert.Contains($"taken over by process {next.Id}", server.Errors);
            await server.DisposeAsync();
            server = next;
        }
        await stop.CancelAsync();

        // A failed request would make its client's task fail.
        int[] answered = await Task.WhenAll(clients);
        Assert.All(answered, count => Assert.True(count > 0));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_socket_for_every_address_goes_from_process_to_process()
    {
        RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --listen [::]:0 --control {Control}");
        string listen = (await server.ListeningLineAsync()).Split(' ')[2];

        for (int i = 0; i < 2; i++)
        {
            RcommProcess next = await TakeOverAsync($"--listen {listen}");
            Assert.Contains(listen, await next.ListeningLineAsync());
            Assert.Equal(0, await server.ExitCodeAsync());
            await server.DisposeAsync();
            server = next;
        }
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_process_in_another_folder_takes_over_although_the_control_socket_was_named_from_there()
    {
        await using RcommProcess server = RcommProcess.Start($"serve {_site.Root} --port 0 --control control", _site.Folder, []);
        await server.ListeningLineAsync();

        await using RcommProcess next = await TakeOverAsync($"--port {server.Port}");

        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task An_automatic_backlog_stays_automatic_and_does_not_shrink()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog auto");
        string backlog = (await server.ListeningLineAsync()).Split('(')[1];

        await using RcommProcess next = await TakeOverAsync($"--port {server.Port} --backlog auto");

        Assert.EndsWith(", auto)", backlog);
        Assert.EndsWith($"({backlog}", await next.ListeningLineAsync());
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

        await AskAsync(path);
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
}
