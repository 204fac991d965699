using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

public sealed partial class AcceptLoopTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Connections_are_accepted_while_every_thread_of_the_pool_is_busy()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        using var accepted = new BlockingCollection<Socket>();
        var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out int threads, out _);
        for (int i = 0; i < 20 * threads; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(), null);
        var loop = new AcceptLoop(socket, connection => accepted.Add(connection.ToSocket()));
        try
        {
            loop.Start();
            using Socket client = Connect(socket);

            Assert.True(accepted.TryTake(out Socket? server, WaitTimeout));
            server.Dispose();
        }
        finally
        {
            release.Set();
        }

        await loop.DrainAsync().WaitAsync(WaitTimeout);
        loop.Dispose();
    }

    [Fact]
    public async Task A_drain_accepts_everything_that_waits_and_then_ends()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        List<Socket> clients = [.. Enumerable.Range(0, 50).Select(_ => Connect(socket))];
        var accepted = new ConcurrentBag<Socket>();
        var loop = new AcceptLoop(socket, connection => accepted.Add(connection.ToSocket()));

        // The drain is requested before the loop has started: waiting connections must still be accepted.
        Task ended = loop.DrainAsync();
        loop.Start();
        await ended.WaitAsync(WaitTimeout);

        Assert.Equal(clients.Count, accepted.Count);
        foreach (Socket one in clients.Concat(accepted)) one.Dispose();
        loop.Dispose();
    }

    [Fact]
    public async Task Nothing_is_discarded_at_the_close_of_a_connection_whose_listening_socket_another_process_had_closed()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        // What .NET does to a socket when it closes a descriptor of it.
        socket.Socket.LingerState = new LingerOption(true, 0);
        using var accepted = new BlockingCollection<Socket>();
        var loop = new AcceptLoop(socket, connection => accepted.Add(connection.ToSocket()));
        loop.Start();
        using Socket client = Connect(socket);

        Assert.True(accepted.TryTake(out Socket? server, WaitTimeout));
        Assert.False(server.LingerState!.Enabled);
        server.Dispose();
        await loop.DrainAsync().WaitAsync(WaitTimeout);
        loop.Dispose();
    }

    [Fact]
    public void A_socket_that_another_process_holds_too_stays_as_it_was_when_it_is_closed_here()
    {
        using var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        theirs.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        theirs.Listen(5);
        ListenSocket ours = ListenSocket.Adopt(new SafeSocketHandle(Duplicate((int)theirs.Handle), ownsHandle: true));
        ours.MarkHeldElsewhere();

        ours.Dispose();

        Assert.False(theirs.LingerState!.Enabled);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(theirs.LocalEndPoint!);
    }

    [Fact]
    public async Task A_loop_whose_socket_was_closed_ends_and_says_so()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        var monitor = new QueueMonitor(socket);
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;
        var loop = new AcceptLoop(socket, _ => { }, monitor);
        socket.Socket.Shutdown(SocketShutdown.Both);
        loop.Start();

        await loop.Ended.WaitAsync(WaitTimeout);

        Assert.IsType<QueueEvent.AcceptBroken>(Assert.Single(events));
        socket.Dispose();
        loop.Dispose();
    }

    private static Socket Connect(ListenSocket listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(IPAddress.Loopback, listener.Address.Port));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
