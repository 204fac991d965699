using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Tests;

public sealed class UseListenQueueTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);
    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

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
    [InlineData("Backlgo", "1", "there is no such option")]
    [InlineData("StallTime", "soon", "write a time")]
    [InlineData("StallTime", "2", "write a time")]
    [InlineData("", "max", "write ListenQueue:Backlog")]
    [InlineData("TakeoverSocket", "/no/such/folder/x", "mkdir -p /no/such/folder")]
    [InlineData("TakeoverSocket", "/tmp/a-path-that-is-longer-than-a-socket-may-have-which-is-one-hundred-and-seven-bytes-and-not-a-single-one-more",
        "the system takes 107")]
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
    public async Task A_new_process_takes_the_sockets_over_and_nobody_is_turned_away()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        await using WebApplication old = await StartAsync(options => options.TakeoverSocket = path, answer: "old");
        string url = UrlOf(old).ToString();
        // It is bound before it gets its mode, and nobody can connect before it listens.
        await WaitAsync(() => File.Exists(path) && File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.ConnectionClose = true;
        using var stop = new CancellationTokenSource();
        ConcurrentQueue<string> answers = [];
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) answers.Enqueue(await http.GetStringAsync(url));
        });
        await WaitAsync(() => answers.Contains("old"));

        await using WebApplication young = await StartAsync(options => options.TakeoverSocket = path, url: url, answer: "young");
        await old.WaitForShutdownAsync().WaitAsync(WaitTimeout);
        await WaitAsync(() => answers.Contains("young"));
        await stop.CancelAsync();
        await load;

        Assert.Equal("young", await http.GetStringAsync(url));
        await young.StopAsync();
    }

    [Fact]
    public async Task Each_process_is_taken_over_by_the_next()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        WebApplication running = await StartAsync(options => options.TakeoverSocket = path);
        string url = UrlOf(running).ToString();
        for (int i = 0; i < 10; i++)
        {
            await WaitAsync(() => File.Exists(path));
            WebApplication next = await StartAsync(options => options.TakeoverSocket = path, url: url);
            await running.WaitForShutdownAsync().WaitAsync(WaitTimeout);
            await running.DisposeAsync();
            running = next;
        }
        await running.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_file_at_the_takeover_sockets_path_is_left_alone()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "precious");
        await using WebApplication app = await StartAsync(options => options.TakeoverSocket = path);
        using var http = new HttpClient();

        Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
        await app.StopAsync();
        Assert.Equal("precious", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public async Task A_new_process_that_finds_the_old_one_gone_goes_on_with_its_sockets_and_its_own_backlog()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(300) });
        using var old = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        old.Bind(new UnixDomainSocketEndPoint(path));
        old.Listen();
        Task dies = Task.Run(async () =>
        {
            using Socket taker = await old.AcceptAsync();
            using var channel = new MessageChannel(taker);
            channel.Receive();
            channel.Send(
                Encoding.UTF8.GetBytes(
                    "{\"version\":2,\"kind\":\"Sockets\",\"sockets\":[" +
                    $"{{\"role\":\"site\",\"address\":\"{socket.Address}\",\"ownsFile\":false,\"isSystems\":false}}]}}"), [socket]);
            channel.Receive();
        });

        await using WebApplication young = await StartAsync(
            options => (options.TakeoverSocket, options.Backlog) = (path, Backlog.Of(77)), url: $"http://{socket.Address}", answer: "young");

        await dies;
        await WaitAsync(() => socket.ReadQueue()!.Value.Backlog == 77);
        using var http = new HttpClient();
        Assert.Equal("young", await http.GetStringAsync(UrlOf(young)));
        await young.StopAsync();
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

    [Fact]
    public async Task A_process_of_the_version_before_is_told_so_and_the_application_goes_on()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        await using WebApplication app = await StartAsync(options => options.TakeoverSocket = path);
        await WaitAsync(() => File.Exists(path));
        using var old = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await old.ConnectAsync(new UnixDomainSocketEndPoint(path));

        await old.SendAsync("\x01\x04\0\0\0take"u8.ToArray());

        byte[] answer = new byte[5];
        Assert.Equal(5, await old.ReceiveAsync(answer));
        // That version says: "The other process speaks version 2 of the takeover, this one 1. Stop it and start this one."
        Assert.Equal(2, answer[0]);
        using var http = new HttpClient();
        Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
    }

    [Fact]
    public async Task Connections_leave_the_kernels_queue_while_every_thread_of_the_pool_is_blocked()
    {
        const int clients = 50;
        await using WebApplication app = await StartAsync();
        QueueMonitor queue = Assert.Single(app.Services.GetRequiredService<ListenQueues>().All);
        int port = UrlOf(app).Port;
        List<Socket> connected = [];
        long accepted = 0;
        using var release = new ManualResetEventSlim();
        Task blocked = Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(release.Wait)));
        // What is awaited here would need the pool.
        var thread = new Thread(() =>
        {
            try
            {
                for (int i = 0; i < clients; i++) connected.Add(Connect(port));
                SpinWait.SpinUntil(() => (accepted = queue.Snapshot().Accepts) == clients, WaitTimeout);
            }
            finally
            {
                release.Set();
            }
        });
        thread.Start();
        thread.Join();
        await blocked;

        Assert.Equal(clients, accepted);
        foreach (Socket socket in connected)
        {
            using var limit = new CancellationTokenSource(WaitTimeout);
            Assert.True(await socket.ReceiveAsync(new byte[1024], limit.Token) > 0);
            socket.Dispose();
        }
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        socket.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8);
        return socket;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (!condition()) await Task.Delay(5, limit.Token);
    }

    private static async Task<WebApplication> StartAsync(
        Action<ListenQueueOptions>? configure = null, Dictionary<string, string?>? configuration = null, string url = "http://127.0.0.1:0",
        string answer = "hello", Log? log = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log);
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.Services.AddHealthChecks().AddListenQueue();
        builder.WebHost.UseUrls(url);
        builder.WebHost.UseListenQueue(configure);
        WebApplication app = builder.Build();
        app.MapGet("/", () => answer);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private static Uri UrlOf(WebApplication app) => new(app.Urls.Single());

    private static int? BacklogOf(WebApplication app) => app.Services.GetRequiredService<ListenQueues>().All.Single().Snapshot().Backlog;
}
