using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;

namespace Rcomm.Kestrel.Tests;

public sealed class UseListenQueueTests : UseListenQueueTestBase
{
    [Fact]
    public async Task The_applications_own_endpoints_get_the_backlog_that_was_asked_for()
    {
        await using WebApplication app = await StartAsync(options => options.Backlog = Backlog.Of(1000));
        using var http = new HttpClient();

        Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
        Assert.Equal(Math.Min(1000, Cap), BacklogOf(app));
    }

    [Fact]
    public async Task Without_a_word_it_is_the_kernels_cap()
    {
        await using WebApplication app = await StartAsync();

        Assert.Equal(Cap, BacklogOf(app));
    }

    [Fact]
    public async Task The_configuration_is_read_and_the_code_goes_before_it()
    {
        await using WebApplication app = await StartAsync(configuration: new() { ["ListenQueue:Backlog"] = "77" });
        await using WebApplication other = await StartAsync(options => options.Backlog = Backlog.Of(78), new() { ["ListenQueue:Backlog"] = "77" });

        Assert.Equal(77, BacklogOf(app));
        Assert.Equal(78, BacklogOf(other));
    }

    [Theory]
    [InlineData("Backlog", "many", "ListenQueue:Backlog=\"many\"")]
    [InlineData("Backlgo", "1", "unknown option")]
    [InlineData("StallTime", "soon", "write a time")]
    [InlineData("StallTime", "2", "write a time")]
    [InlineData("", "max", "write ListenQueue:Backlog")]
    [InlineData("TakeoverSocket", "/no/such/folder/x", "mkdir -p /no/such/folder")]
    [InlineData("TakeoverSocket", "/tmp/a-path-that-is-longer-than-a-socket-may-have-which-is-one-hundred-and-seven-bytes-and-not-a-single-one-more",
        "the system allows 107")]
    [InlineData("SystemdSockets", "maybe", "write true or false")]
    public async Task A_wrong_configuration_is_told_at_the_start(string key, string value, string error)
    {
        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(configuration: new() { [$"ListenQueue:{key}".TrimEnd(':')] = value }));

        Assert.Contains(error, thrown.ToString());
    }

    [Fact]
    public async Task Shards_share_the_address()
    {
        await using WebApplication app = await StartAsync(options =>
        {
            options.Backlog = Backlog.Of(50);
            options.Shards = ShardCount.Of(3);
        });
        using var http = new HttpClient();

        for (int i = 0; i < 20; i++)
        {
            http.DefaultRequestHeaders.ConnectionClose = true;
            Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
        }
        Assert.Equal(3, app.Services.GetRequiredService<ListenQueues>().All.Count);
    }

    [Fact]
    public async Task A_Unix_socket_of_Kestrels_is_taken_too()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.sock");
        await using WebApplication app = await StartAsync(url: $"http://unix:{path}");
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("hello", await http.GetStringAsync("http://x/"));
        await app.StopAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task An_address_in_use_is_an_error_as_ever()
    {
        await using WebApplication app = await StartAsync();

        await Assert.ThrowsAsync<IOException>(() => StartAsync(url: UrlOf(app).ToString()));
    }

    [Fact]
    public async Task A_queue_that_drops_is_in_the_health_check_and_in_the_log_with_what_to_set()
    {
        var log = new Log();
        await using WebApplication app = await StartAsync(options => options.Backlog = Backlog.Of(0), log: log);
        var health = app.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        ListenQueues queues = app.Services.GetRequiredService<ListenQueues>();
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (queues.All[0].Snapshot().Drops is null or 0)
        {
            List<Socket> clients = [.. Enumerable.Range(0, 200)
                .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false })];
            foreach (Socket client in clients)
            {
                try
                {
                    client.Connect(new IPEndPoint(IPAddress.Loopback, UrlOf(app).Port));
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
            }
            foreach (Socket client in clients) client.Dispose();
            limit.Token.ThrowIfCancellationRequested();
        }
        HealthReport report;
        do
        {
            report = await health.CheckHealthAsync(limit.Token);
        }
        while (report.Status != HealthStatus.Unhealthy);
        Assert.Contains("connection attempts dropped in the last 10 s", report.Entries.Single().Value.Description);
        await WaitAsync(() => log.Lines.Any(line => line.Contains("listen queue full", StringComparison.Ordinal)));
        Assert.Contains("set ListenQueue:Backlog=", log.Lines.First(line => line.Contains("listen queue full", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task At_an_applications_limit_idle_connections_make_room_for_new_ones()
    {
        await using WebApplication app = await StartAsync(options => options.Limit = new ConnectionLimit(3));
        byte[] request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        List<Socket> clients = [];
        for (int i = 0; i < 9; i++)
        {
            clients.Add(Connect(UrlOf(app).Port));
            await clients[i].SendAsync(request);
            Assert.True(await clients[i].ReceiveAsync(new byte[1024]) > 0);
        }
        clients.ForEach(client => client.Dispose());
    }

    private static int? BacklogOf(WebApplication app) => app.Services.GetRequiredService<ListenQueues>().All.Single().Snapshot().Backlog;
}
