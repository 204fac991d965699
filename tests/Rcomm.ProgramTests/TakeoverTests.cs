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
    public async Task A_taker_that_fails_before_it_is_ready_changes_nothing()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        (await FakeTakerAsync([])).Dispose();

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
        Assert.DoesNotContain("Takeover", server.Errors);
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

        (int exitCode, _, _) = await RcommProcess.RunAsync(
            $"serve {_site.Root} --takeover --control {Control} --listen {addresses},{taken.LocalEndPoint} --backlog 7");

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
        using (MessageChannel taker = await FakeTakerAsync([]))
        {
            server.Signal(Signals.SIGTERM);
            await server.ErrorLineAsync("SIGTERM: draining");

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
    [InlineData("{\"version\":2,\"kind\":\"Refused\",\"text\":\"too late\"}", "the running server goes on: too late")]
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
    public async Task A_server_of_the_version_before_has_the_last_word()
    {
        using ListenSocket control = ListenSocket.Open(ListenAddress.Parse($"unix:{Control}"));
        Task<(int, string, string)> asking = RcommProcess.RunAsync($"serve {_site.Root} --port 0 --takeover --control {Control}");
        using var taker = new MessageChannel(await AcceptAsync(control));
        taker.Receive();

        taker.Send("{\"version\":1,\"kind\":\"Refused\",\"text\":\"Use version 1.\"}"u8);

        (int exitCode, _, string errors) = await asking;
        Assert.Equal(1, exitCode);
        Assert.Contains("refused the takeover: Use version 1.", errors);
    }

    [Fact]
    public async Task A_new_process_of_the_version_before_is_refused_in_its_own_words_and_the_server_goes_on()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using (var taker = MessageChannel.Connect(Control, RcommProcess.WaitTimeout))
        {
            taker.Send("{\"version\":1,\"kind\":\"Takeover\"}"u8);

            string answer = Encoding.UTF8.GetString(taker.Receive());

            Assert.StartsWith("{\"version\":2,\"kind\":\"Refused\",\"text\":\"This process speaks version 2 of the takeover protocol.", answer);
        }
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        await using RcommProcess next = await TakeOverAsync($"--port {server.Port}");
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_server_that_is_stopped_for_longer_than_any_timeout_still_hands_over_once_it_goes_on()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        await using RcommProcess next = await StartAgainstStoppedAsync(server);
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        await next.ErrorLineAsync("has not released its sockets yet");
        next.Signal(Signals.SIGHUP);

        server.Resume();

        await next.ErrorLineAsync("Taken over from the running server");
        await next.ErrorLineAsync("Settings read again");
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Contains($"taken over by process {next.Id}", server.Errors);
        Assert.True(File.Exists(Control));
        for (int i = 0; i < 50; i++) Assert.StartsWith("HTTP/1.1 200 OK", await next.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        Assert.Equal(0, (await RcommProcess.RunAsync($"status --control {Control}")).ExitCode);
    }

    [Theory]
    [InlineData(Signals.SIGTERM)]
    [InlineData(Signals.SIGKILL)]
    public async Task A_stopped_server_goes_on_where_the_new_process_has_ended_before_it_was_relieved(int signal)
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        await using RcommProcess next = await StartAgainstStoppedAsync(server);
        // Once it accepts, it is ready, and waits for the other.
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        next.Signal(signal);
        await next.ExitCodeAsync();

        server.Resume();

        await server.ErrorLineAsync("failed, this one goes on");
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.False(File.Exists(Control));
    }

    [Fact]
    public async Task A_server_that_must_end_before_the_takeover_is_decided_leaves_the_sockets_to_the_new_process()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --shutdown-timeout 500ms");
        List<SafeSocketHandle> descriptors = [];
        using MessageChannel taker = await FakeTakerAsync(descriptors);
        server.Signal(Signals.SIGTERM);

        await server.ErrorLineAsync("leaves the sockets to the new process");
        Assert.Equal(0, await server.ExitCodeAsync());

        Assert.True(File.Exists(Control));
        // The handshake ends: no filter has been left on the socket.
        using Socket client = await server.ConnectAsync();
        Assert.Throws<EndOfStreamException>(() => taker.Receive());
        descriptors.ForEach(descriptor => descriptor.Dispose());
    }

    [Fact]
    public async Task While_a_takeover_is_under_way_nothing_about_the_sockets_is_changed()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog 300");
        using (MessageChannel taker = await FakeTakerAsync([]))
        {
            (int exitCode, _, string errors) = await RcommProcess.RunAsync($"backlog 7 --control {Control}");

            Assert.Equal(1, exitCode);
            Assert.Contains("A takeover is under way", errors);
            server.Signal(Signals.SIGHUP);
        }
        await server.ErrorLineAsync("Settings read again");
        Assert.Contains("0 of 300 wait", (await RcommProcess.RunAsync($"status --control {Control}")).Output);
        Assert.Equal(0, (await RcommProcess.RunAsync($"backlog 7 --control {Control}")).ExitCode);
    }

    [Fact]
    public async Task A_backlog_that_is_none_leaves_that_of_the_server_before()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog 300");

        await using RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} --port {server.Port}", "RCOMM_BACKLOG=lots");

        Assert.Contains("(backlog: 300)", await next.ListeningLineAsync());
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task Descriptors_that_nobody_asked_for_are_closed_at_once()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        int before = Directory.GetFiles($"/proc/{server.Id}/fd").Length;
        using var channel = MessageChannel.Connect(Control, RcommProcess.WaitTimeout);

        channel.Send("{\"version\":1,\"kind\":\"Status\"}"u8, [.. Enumerable.Repeat(socket, 200)]);

        Assert.Contains("\"Done\"", Encoding.UTF8.GetString(channel.Receive()));
        Assert.InRange(Directory.GetFiles($"/proc/{server.Id}/fd").Length, 0, before + 50);
    }

    [Fact]
    public async Task Two_takers_at_once_are_told_apart()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using MessageChannel slow = await FakeTakerAsync([]);

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
        await next.ErrorLineAsync("Taken over from the running server");
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

    // Starts a process that takes over, and stops the running server once it has handed the sockets over.
    private async Task<RcommProcess> StartAgainstStoppedAsync(RcommProcess server)
    {
        RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} --port {server.Port}");
        await server.ErrorLineAsync($"process {next.Id} has the listening sockets");
        await server.PauseAsync();
        return next;
    }

    // A taker that has the sockets and never says that it is ready.
    private async Task<MessageChannel> FakeTakerAsync(List<SafeSocketHandle> descriptors)
    {
        var taker = MessageChannel.Connect(Control, RcommProcess.WaitTimeout);
        taker.Send("{\"version\":2,\"kind\":\"Takeover\"}"u8);
        await Task.Run(() => taker.Receive(descriptors));
        return taker;
    }

    // A server that hands a socket over, and then gives this answer, or none.
    private async Task AnswerTakerAsync(ListenSocket socket, string? answerToReady)
    {
        static string What(string role, ListenAddress address) => $"{{\"role\":\"{role}\",\"address\":\"{address}\",\"ownsFile\":true,\"isSystems\":false}}";

        using ListenSocket control = ListenSocket.Open(ListenAddress.Parse($"unix:{Control}"));
        using var taker = new MessageChannel(await AcceptAsync(control));
        await Task.Run(() => taker.Receive());
        taker.Send(
            Encoding.UTF8.GetBytes(
                $"{{\"version\":2,\"kind\":\"Sockets\",\"sockets\":[{What("site", socket.Address)},{What("control", control.Address)}]}}"),
                [socket, control]);
        await Task.Run(() => taker.Receive());
        if (answerToReady is not null) taker.Send(Encoding.UTF8.GetBytes(answerToReady));
        control.MarkHeldElsewhere();
    }

    private static async Task<Socket> AcceptAsync(ListenSocket listener)
    {
        var accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var loop = new AcceptLoop(listener, connection => accepted.SetResult(connection.ToSocket()));
        loop.Start();
        Socket socket = await accepted.Task.WaitAsync(RcommProcess.WaitTimeout);
        await loop.DrainAsync();
        return socket;
    }
}
