using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

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
    public async Task A_backlog_that_has_grown_by_itself_is_kept()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog auto");
        await server.PauseAsync();
        List<Socket> waiting = [];
        for (int i = 0; i < 110; i++) waiting.Add(await server.ConnectAsync());
        server.Resume();
        await server.OutputLineAsync("doubled (backlog: 256, auto)");

        await using RcommProcess next = await TakeOverAsync($"--port {server.Port} --backlog auto");

        Assert.Contains("(backlog: 256, auto)", await next.ListeningLineAsync());
        waiting.ForEach(socket => socket.Dispose());
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
    public async Task A_taker_that_fails_before_it_is_ready_changes_nothing()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        (await FakeTakerAsync()).Dispose();

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
    public async Task A_new_process_that_fails_once_it_has_the_sockets_leaves_backlog_and_files_as_they_were()
    {
        string path = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --listen 127.0.0.1:0,unix:{path} --control {Control} --backlog 300");
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string addresses = $"127.0.0.1:{server.Port},unix:{path}";

        (int exitCode, _, _) = await RcommProcess.RunAsync($"serve {_site.Root} --takeover --control {Control} --listen {addresses},{taken.LocalEndPoint} --backlog 7");

        Assert.Equal(1, exitCode);
        await server.ErrorLineAsync("failed, this one goes on");
        (_, string status, _) = await RcommProcess.RunAsync($"status --control {Control}");
        Assert.Contains($"127.0.0.1:{server.Port}: 0 of 300 wait", status);
        Assert.Contains($"unix:{path}: 0 of 300 wait", status);
        await AskAsync(path);
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_a_takeover_waits_for_its_end()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using (Socket taker = await FakeTakerAsync())
        {
            server.Signal(Signals.SIGTERM);
            await server.OutputLineAsync("SIGTERM: draining");

            (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port {server.Port} --takeover --control {Control}");

            Assert.Equal(1, exitCode);
            Assert.Contains("It is stopping", errors);
            Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        }

        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.False(File.Exists(Control));
    }

    [Theory]
    [InlineData(null, "The server that ran has ended in the middle of the takeover")]
    [InlineData("{\"version\":1,\"kind\":\"Refused\",\"text\":\"too late\"}", "the running server goes on: too late")]
    public async Task A_new_process_goes_on_where_the_old_one_is_gone_and_ends_where_that_one_goes_on(string? answerToReady, string said)
    {
        string path = Path.Combine(_site.Folder, "http.sock");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse($"unix:{path}"), new() { Backlog = Backlog.Of(300) });
        Task old = AnswerTakerAsync(socket, answerToReady);

        await using RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} --listen unix:{path} --backlog 7");

        await next.ErrorLineAsync(said);
        await old;
        if (answerToReady is not null) Assert.Equal(1, await next.ExitCodeAsync());
        else Assert.Contains("(backlog: 7)", await next.ListeningLineAsync());
        Assert.Equal(answerToReady is null ? 7 : 300, socket.ReadQueue()!.Value.Backlog);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_server_of_another_version_has_the_last_word()
    {
        using ListenSocket control = ListenSocket.Open(ListenAddress.Parse($"unix:{Control}"));
        Task<(int, string, string)> asking = RcommProcess.RunAsync($"serve {_site.Root} --port 0 --takeover --control {Control}");
        using Socket taker = await AcceptAsync(control);
        await ReceiveAsync(taker);

        await taker.SendAsync(Framed("{\"version\":2,\"kind\":\"Unheard\",\"text\":\"Use version 2.\"}"));

        (int exitCode, _, string errors) = await asking;
        Assert.Equal(1, exitCode);
        Assert.Contains("refused the takeover: Use version 2.", errors);
    }

    [Fact]
    public async Task Two_takers_at_once_are_told_apart()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using Socket slow = await FakeTakerAsync();

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port {server.Port} --takeover --control {Control}");

        Assert.Equal(1, exitCode);
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

    private static async Task AskAsync(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await client.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
    }

    // A taker that has the sockets and never says that it is ready.
    private async Task<Socket> FakeTakerAsync()
    {
        var taker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await taker.ConnectAsync(new UnixDomainSocketEndPoint(Control));
        await taker.SendAsync(Framed("{\"version\":1,\"kind\":\"Takeover\"}"));
        Assert.True(await taker.ReceiveAsync(new byte[4096]) > 0);
        return taker;
    }

    // A server that hands a socket over, and then gives this answer, or none.
    private async Task AnswerTakerAsync(ListenSocket socket, string? answerToReady)
    {
        static string What(string role, ListenAddress address) => $"{{\"role\":\"{role}\",\"address\":\"{address}\",\"ownsFile\":true,\"isSystems\":false}}";

        using ListenSocket control = ListenSocket.Open(ListenAddress.Parse($"unix:{Control}"));
        using Socket taker = await AcceptAsync(control);
        await ReceiveAsync(taker);
        SocketPassing.Send(taker, Framed($"{{\"version\":1,\"kind\":\"Done\",\"sockets\":[{What("site", socket.Address)},{What("control", control.Address)}]}}"), [socket, control]);
        await ReceiveAsync(taker);
        if (answerToReady is not null) await taker.SendAsync(Framed(answerToReady));
        control.MarkHeldElsewhere();
    }

    private static async Task<Socket> AcceptAsync(ListenSocket listener)
    {
        var accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var loop = new AcceptLoop(listener, accepted.SetResult);
        loop.Start();
        Socket socket = await accepted.Task.WaitAsync(RcommProcess.WaitTimeout);
        await loop.DrainAsync();
        return socket;
    }

    private static async Task ReceiveAsync(Socket channel)
    {
        byte[] length = new byte[4];
        await channel.ReceiveAsync(length);
        byte[] json = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await channel.ReceiveAsync(json);
    }

    private static byte[] Framed(string json)
    {
        byte[] framed = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, json.Length);
        Encoding.UTF8.GetBytes(json, framed.AsSpan(4));
        return framed;
    }
}
