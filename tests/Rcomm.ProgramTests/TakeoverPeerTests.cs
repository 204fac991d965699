using System.Text;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.ProgramTests;

public sealed class TakeoverPeerTests : TakeoverTestBase
{
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

            Assert.StartsWith("{\"version\":2,\"kind\":\"Refused\",\"text\":\"This process uses version 2 of the takeover protocol.", answer);
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
        await next.ErrorLineAsync("hasn't released its sockets yet");
        next.Signal(Signals.SIGHUP);

        server.Resume();

        await next.ErrorLineAsync("Took over from the running server");
        await next.ErrorLineAsync("Settings reloaded");
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
        // Once it accepts, it is ready and waits for the other process.
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        next.Signal(signal);
        await next.ExitCodeAsync();

        server.Resume();

        await server.ErrorLineAsync("failed; this server continues");
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.False(File.Exists(Control));
    }

    [Fact]
    public async Task While_a_takeover_is_under_way_nothing_about_the_sockets_is_changed()
    {
        await using RcommProcess server = await ServeAsync("--port 0 --backlog 300");
        using (MessageChannel taker = await FakeTakerAsync([]))
        {
            (int exitCode, _, string errors) = await RcommProcess.RunAsync($"backlog 7 --control {Control}");

            Assert.Equal(1, exitCode);
            Assert.Contains("a takeover is in progress", errors);
            server.Signal(Signals.SIGHUP);
        }
        await server.ErrorLineAsync("Settings reloaded");
        Assert.Contains("0 of 300 waiting", (await RcommProcess.RunAsync($"status --control {Control}")).Output);
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

    // Starts a process that takes over, and stops the running server once it has handed the sockets over.
    private async Task<RcommProcess> StartAgainstStoppedAsync(RcommProcess server)
    {
        RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} --port {server.Port}");
        await server.ErrorLineAsync($"process {next.Id} has the listening sockets");
        await server.PauseAsync();
        return next;
    }
}
