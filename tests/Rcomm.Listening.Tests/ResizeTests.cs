using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

public sealed partial class ResizeTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    [InlineData("unix:@rcomm-test-resize")]
    public void A_backlog_changes_while_the_socket_listens_and_what_waits_goes_on_waiting(string address)
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse(address), new() { Backlog = Backlog.Of(3) });
        using Socket first = Connect(socket);
        using Socket second = Connect(socket);

        socket.Resize(Backlog.Of(50));

        Assert.Equal(50, socket.EffectiveBacklog);
        Assert.Equal((2, 50), SocketTable.Of(socket.Address));
        Assert.Equal("backlog: 50", socket.DescribeBacklog());
        socket.Resize(Backlog.Of(1));
        Assert.Equal((2, 1), SocketTable.Of(socket.Address));
        socket.Socket.Accept().Dispose();
        socket.Socket.Accept().Dispose();
    }

    [Fact]
    public void An_automatic_backlog_doubles_up_to_the_cap_and_no_further()
    {
        int cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.AutoFrom(128) });
        Assert.Equal("backlog: 128, auto", socket.DescribeBacklog());

        int steps = 0;
        while (socket.Grow()) steps++;

        Assert.Equal(cap, socket.EffectiveBacklog);
        Assert.Equal((int)Math.Ceiling(Math.Log2(cap / 128.0)), steps);
    }

    [Fact]
    public void An_automatic_backlog_begins_where_a_burst_can_be_held()
    {
        int cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Auto });

        Assert.Equal($"backlog: {Math.Min(cap, 16_384)}, auto", socket.DescribeBacklog());
    }

    [Fact]
    public void A_fixed_backlog_never_grows()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));

        Assert.False(socket.Grow());
        Assert.Equal(128, socket.EffectiveBacklog);
    }

    [Fact]
    public async Task An_automatic_backlog_grows_within_the_burst_that_fills_it()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.AutoFrom(128) });
        List<Socket> clients = [.. Enumerable.Range(0, 100).Select(_ => Connect(socket))];
        var monitor = new QueueMonitor(socket);
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;
        var loop = new AcceptLoop(socket, connection => connection.Dispose(), monitor);

        // There is no tick: the accept loop itself sees 100 of 128 and doubles the backlog before it accepts the first.
        loop.Start();
        await loop.DrainAsync().WaitAsync(WaitTimeout);

        Assert.Equal(256, socket.EffectiveBacklog);
        Assert.Equal(128, Assert.IsType<QueueEvent.BacklogGrew>(Assert.Single(events)).Before);
        foreach (Socket client in clients) client.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::]:0")]
    [InlineData("unix:@rcomm-test-adopt")]
    public void An_adopted_socket_keeps_its_backlog_and_what_waits(string address)
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse(address), new() { Backlog = Backlog.Of(33) });
        using Socket waiting = Connect(socket);

        // The same descriptor, as if it had come from another process.
        ListenSocket adopted = ListenSocket.Adopt(new SafeSocketHandle(socket.Socket.SafeHandle.DangerousGetHandle(), ownsHandle: false));

        Assert.Equal(socket.Address.ToString().Replace("[::]", "*"), adopted.Address.ToString());
        Assert.Equal((33, 33), (adopted.EffectiveBacklog, adopted.RequestedBacklog.Connections));
        Assert.Equal(1, adopted.ReadQueue()!.Value.Depth);
    }

    [Fact]
    public void An_adopted_socket_takes_the_backlog_that_the_operator_set()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(33) });

        ListenSocket adopted = ListenSocket.Adopt(
            new SafeSocketHandle(socket.Socket.SafeHandle.DangerousGetHandle(), ownsHandle: false), new() { Backlog = Backlog.Of(44) }, keepsBacklog: false);

        Assert.Equal(44, adopted.EffectiveBacklog);
    }

    [Fact]
    public void A_borrowed_socket_is_left_as_it_is_until_it_is_made_own()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.sock");
        using ListenSocket lent = ListenSocket.Open(ListenAddress.Parse($"unix:{path}"), new() { Backlog = Backlog.Of(33) });

        BorrowFrom(lent).Dispose();
        Assert.Equal(33, lent.ReadQueue()!.Value.Backlog);
        Assert.True(File.Exists(path));

        ListenSocket own = BorrowFrom(lent);
        own.MakeOwn(ownsFile: true);
        Assert.Equal(44, lent.ReadQueue()!.Value.Backlog);
        own.Dispose();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_socket_that_is_made_own_lets_handshakes_begin_again()
    {
        using ListenSocket lent = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        using ListenSocket borrowed = BorrowFrom(lent);
        Assert.True(lent.StopNewHandshakes());

        borrowed.MakeOwn();

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, lent.Address.Port).WaitAsync(WaitTimeout);
    }

    [Theory]
    [InlineData(33, 128)]
    [InlineData(300, 300)]
    public void Auto_never_shrinks_a_socket_that_was_handed_over(int before, int after)
    {
        using ListenSocket lent = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(before) });
        using ListenSocket borrowed = BorrowFrom(lent, Backlog.AutoFrom(128));

        borrowed.MakeOwn();

        Assert.Equal((after, true), (borrowed.EffectiveBacklog, borrowed.RequestedBacklog.IsAuto));
    }

    [Fact]
    public void What_is_no_listening_socket_is_not_adopted()
    {
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using FileStream file = File.Create(Path.GetTempFileName(), 1, FileOptions.DeleteOnClose);

        Assert.Throws<ArgumentException>(() => ListenSocket.Adopt(new SafeSocketHandle(plain.SafeHandle.DangerousGetHandle(), ownsHandle: false)));
        Assert.Throws<ArgumentException>(() => ListenSocket.Adopt(new SafeSocketHandle(file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false)));
    }

    [Fact]
    public void After_the_last_handshake_no_new_one_begins_and_those_that_wait_stay()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        using Socket waiting = Connect(socket);

        Assert.True(socket.StopNewHandshakes());

        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        Assert.Throws<SocketException>(() => late.Connect(IPAddress.Loopback, socket.Address.Port));
        Assert.False(late.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectWrite));
        using Socket accepted = socket.Socket.Accept();
        waiting.Send("x"u8);
        Assert.True(accepted.Poll(WaitTimeout, SelectMode.SelectRead));
        Assert.Equal(1, accepted.Receive(new byte[1]));
    }

    // A duplicate, as if it had come from another process.
    private static ListenSocket BorrowFrom(ListenSocket lent, Backlog? backlog = null) => ListenSocket.Borrow(
        new SafeSocketHandle(Duplicate((int)lent.Socket.SafeHandle.DangerousGetHandle()), ownsHandle: true), lent.Address,
        new() { Backlog = backlog ?? Backlog.Of(44) });

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    private static Socket Connect(ListenSocket listener)
    {
        if (listener.Address.IsUnix)
        {
            var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            unix.Connect(new UnixDomainSocketEndPoint("\0" + listener.Address.UnixPath![1..]));
            return unix;
        }
        IPAddress ip = listener.Address.Ip is { AddressFamily: AddressFamily.InterNetworkV6 } ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(ip, listener.Address.Port);
        return socket;
    }
}
