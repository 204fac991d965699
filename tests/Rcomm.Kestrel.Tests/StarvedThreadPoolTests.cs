using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Tests;

/// <summary>No other test of this process runs meanwhile: it would wait for a thread too.</summary>
[Collection(nameof(StarvedThreadPoolTests))]
[CollectionDefinition(nameof(StarvedThreadPoolTests), DisableParallelization = true)]
public sealed class StarvedThreadPoolTests : UseListenQueueTestBase
{
    [Fact]
    public async Task Handlers_that_block_every_thread_do_not_keep_connections_in_the_kernels_queue_and_are_named_as_the_cause()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(8) });
        using var release = new ManualResetEventSlim();
        await using WebApplication app = await ListenSocketsInKestrelTests.StartAsync([socket], context =>
        {
            release.Wait();
            return Task.CompletedTask;
        }, options => (options.Transport, options.Monitor) = (ConnectionTransport.Epoll, new QueueMonitorOptions { StallTime = TimeSpan.FromSeconds(1) }));
        QueueMonitor monitor = app.Services.GetRequiredService<ListenQueues>().All.Single();
        List<Socket> clients = [];
        try
        {
            // Far more than the backlog holds: each can only connect because those before it were accepted.
            for (int i = 0; i < 100; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(IPAddress.Loopback, socket.Address.Port);
                client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8);
                clients.Add(client);
            }
            using var reader = new HostQueueReader();

            Assert.True(SpinWait.SpinUntil(() => reader.ReadTcp((ushort)socket.Address.Port)[0].Depth == 0, WaitTimeout));
            Assert.True(SpinWait.SpinUntil(() => monitor.Snapshot().Stall == StallCause.ThreadPoolStarved, WaitTimeout));
        }
        finally
        {
            release.Set();
            foreach (Socket client in clients) client.Dispose();
        }
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
        // Awaiting here would need the thread pool.
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
}
