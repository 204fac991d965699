using System.Net;
using System.Net.Sockets;
using System.Text;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.ProgramTests;

public sealed class TakeoverFailureTests : TakeoverTestBase
{
    [Fact]
    public async Task A_taker_that_fails_before_it_is_ready_changes_nothing()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        (await FakeTakerAsync([])).Dispose();

        await server.ErrorLineAsync("failed; this server continues");

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
        await server.ErrorLineAsync("failed; this server continues");
        (_, string status, _) = await RcommProcess.RunAsync($"status --control {Control}");
        Assert.Contains($"127.0.0.1:{server.Port}: 0 of 300 waiting", status);
        Assert.Contains($"unix:{path}: 0 of 300 waiting", status);
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
    [InlineData(null, "The old server ended during the takeover")]
    [InlineData("{\"version\":2,\"kind\":\"Refused\",\"text\":\"too late\"}", "the running server continues: too late")]
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
    public async Task A_server_that_must_end_before_the_takeover_is_decided_leaves_the_sockets_to_the_new_process()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --shutdown-timeout 500ms");
        List<SafeSocketHandle> descriptors = [];
        using MessageChannel taker = await FakeTakerAsync(descriptors);
        server.Signal(Signals.SIGTERM);

        await server.ErrorLineAsync("leaves the sockets to the new process");
        Assert.Equal(0, await server.ExitCodeAsync());

        Assert.True(File.Exists(Control));
        // The handshake completes: no filter is left on the socket.
        using Socket client = await server.ConnectAsync();
        Assert.Throws<EndOfStreamException>(() => taker.Receive());
        descriptors.ForEach(descriptor => descriptor.Dispose());
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
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (Directory.GetFiles($"/proc/{server.Id}/fd").Length > before + 50) await Task.Delay(10, limit.Token);
    }

    [Fact]
    public async Task Two_takers_at_once_are_told_apart()
    {
        await using RcommProcess server = await ServeAsync("--port 0");
        using MessageChannel slow = await FakeTakerAsync([]);

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port {server.Port} --takeover --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains("Another takeover is in progress", errors);
    }

    // A server that hands a socket over and then sends this answer, or none.
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
}
