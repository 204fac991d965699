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
public sealed class StarvedThreadPoolTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

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
                client.Connect(System.Net.IPAddress.Loopback, socket.Address.Port);
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
}
