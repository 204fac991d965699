using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.ProgramTests;

public sealed class StopTests : IDisposable
{
    private static readonly byte[] Request = "GET /howdy HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();

    private readonly SampleSite _site = new();

    [Theory]
    [InlineData(Signals.SIGTERM)]
    [InlineData(Signals.SIGINT)]
    public async Task A_signal_ends_an_idle_server_with_0_and_its_port_is_free(int signal)
    {
        int port = FreePort.Next();
        await using RcommProcess server = RcommProcess.Start($"{_site.Root} --port {port}");
        await server.ListeningLineAsync();
        using Socket idle = await server.ConnectAsync();

        server.Signal(signal);

        Assert.Equal(0, await server.ExitCodeAsync());
        await using RcommProcess next = RcommProcess.Start($"{_site.Root} --port {port}");
        await next.ListeningLineAsync();
    }

    [Fact]
    public async Task Connections_that_waited_in_the_queue_are_answered_before_the_server_stops()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        await server.PauseAsync();
        // Accepted only by the kernel: the handshake is done, but the program is stopped.
        List<Socket> waiting = [];
        for (int i = 0; i < 100; i++)
        {
            waiting.Add(await server.ConnectAsync());
            await waiting[i].SendAsync(Request);
        }

        server.Signal(Signals.SIGTERM);
        server.Resume();

        foreach (Socket socket in waiting)
        {
            string answer = await RcommProcess.ReadToEndAsync(socket);
            Assert.StartsWith("HTTP/1.1 200 OK", answer);
            Assert.Contains("Connection: close", answer);
            socket.Dispose();
        }
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_connection_whose_request_is_still_on_its_way_is_answered()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        using Socket socket = await server.ConnectAsync();

        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");
        await socket.SendAsync(Request);

        Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task In_the_drain_delay_clients_that_keep_their_connection_are_let_go_and_new_ones_are_accepted()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --drain-delay 60s");
        using Socket kept = await server.ConnectAsync();
        await kept.SendAsync(Request);
        Assert.True(await kept.ReceiveAsync(new byte[4096]) > 0);

        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");
        await kept.SendAsync(Request);

        Assert.Contains("Connection: close", await RcommProcess.ReadToEndAsync(kept));
        Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync("GET /howdy HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    [Fact]
    public async Task In_the_drain_delay_HTTP_2_clients_are_told_to_connect_anew()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --drain-delay 60s --tls-self-signed");
        int connects = 0;
        using var handler = new SocketsHttpHandler
        {
#pragma warning disable CA5359 // The certificate is the server's own.
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connects);
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        string url = $"https://127.0.0.1:{server.Port}/howdy";
        for (int i = 0; i < 3; i++) await http.GetStringAsync(url);
        Assert.Equal(1, connects);

        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");

        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (connects == 1) Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync(url, limit.Token));
    }

    [Fact]
    public async Task A_response_in_flight_is_finished()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        using Socket socket = await BeginLargeAnswerAsync(server);

        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");

        Assert.EndsWith("xxx", await RcommProcess.ReadToEndAsync(socket));
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_request_that_does_not_end_is_given_up_after_the_timeout()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --shutdown-timeout 200ms");
        using Socket socket = await BeginLargeAnswerAsync(server);

        server.Signal(Signals.SIGTERM);

        Assert.Equal(1, await server.ExitCodeAsync());
        Assert.Contains("1 request was cut off", server.Errors);
    }

    [Fact]
    public async Task A_second_signal_stops_at_once()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --shutdown-timeout 10m");
        using Socket socket = await BeginLargeAnswerAsync(server);
        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");
        long first = Stopwatch.GetTimestamp();
        // A second one that follows at once counts as the same signal.
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(first) > TimeSpan.FromMilliseconds(200));

        server.Signal(Signals.SIGTERM);

        Assert.Equal(1, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_signal_that_comes_twice_at_once_is_one()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        using Socket socket = await BeginLargeAnswerAsync(server);

        server.Signal(Signals.SIGTERM);
        server.Signal(Signals.SIGTERM);

        Assert.True((await RcommProcess.ReadToEndAsync(socket)).Length > 20_000_000);
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task After_kill_9_with_connections_in_TIME_WAIT_the_port_is_listened_on_at_once()
    {
        int port = FreePort.Next();
        await using RcommProcess server = RcommProcess.Start($"{_site.Root} --port {port}");
        await server.ListeningLineAsync();
        // The server closes first, so TIME_WAIT is on its side.
        await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        using Socket open = await server.ConnectAsync();
        server.Signal(Signals.SIGKILL);
        await server.ExitCodeAsync();

        await using RcommProcess next = RcommProcess.Start($"{_site.Root} --port {port}");

        Assert.Equal($"Listening on 127.0.0.1:{port} (backlog: 128)", await next.ListeningLineAsync());
    }

    public void Dispose() => _site.Dispose();

    // 20 MB, more than the kernel's buffers hold: the response is in progress until it is read.
    private async Task<Socket> BeginLargeAnswerAsync(RcommProcess server)
    {
        _site.Write("large.txt", new string('x', 20_000_000));
        Socket socket = await server.ConnectAsync();
        await socket.SendAsync("GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await socket.ReceiveAsync(new byte[1]));
        return socket;
    }
}
