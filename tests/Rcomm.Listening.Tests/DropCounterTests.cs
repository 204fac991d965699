using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Tests;

public sealed class DropCounterTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public void Segments_that_no_handshake_was_lost_with_are_no_drops()
    {
        var drops = new DropCounter(7);
        drops.Add(7, 100, wasFull: false);

        Assert.Equal(0, drops.Add(307, 100, wasFull: false));
        Assert.Equal(0, drops.Total);
    }

    [Fact]
    public void A_last_ACK_that_meets_a_full_queue_is_one_drop_although_the_socket_counts_two()
    {
        var drops = new DropCounter(0);
        drops.Add(0, 100, wasFull: false);

        Assert.Equal(50, drops.Add(100, 150, wasFull: true));
    }

    [Fact]
    public void What_another_socket_has_lost_before_is_not_this_ones()
    {
        var drops = new DropCounter(0);
        drops.Add(0, 100, wasFull: false);
        drops.Add(0, 1100, wasFull: false);
        drops.Add(0, 1100, wasFull: false);

        Assert.Equal(0, drops.Add(300, 1100, wasFull: false));
    }

    [Fact]
    public void A_drop_that_the_namespace_has_counted_just_before_the_reading_is_not_forgotten()
    {
        var drops = new DropCounter(0);
        drops.Add(0, 100, wasFull: false);
        drops.Add(40, 150, wasFull: true);

        Assert.Equal(10, drops.Add(50, 150, wasFull: true));
    }

    [Fact]
    public void A_drop_between_the_first_readings_of_the_two_counters_is_not_forgotten()
    {
        var drops = new DropCounter(0, 100);
        drops.Add(0, 131, wasFull: false);

        Assert.Equal(31, drops.Add(31, 131, wasFull: true));
    }

    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 0)]
    public void Where_the_namespace_does_not_tell_a_full_queue_does(bool wasFull, long expected)
    {
        var drops = new DropCounter(uint.MaxValue);

        Assert.Equal(expected, drops.Add(5, null, wasFull));
    }

    [Fact]
    public void The_namespaces_counter_is_found_by_its_name()
    {
        Assert.Equal(34, ListenDrops.Parse(
            Encoding.ASCII.GetBytes("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 2 34\nIpExt: InNoRoutes\nIpExt: 5\n")));
        Assert.Null(ListenDrops.Parse("TcpExt: SyncookiesSent\nTcpExt: 1\n"u8));
        using var here = new ListenDrops();
        Assert.True(here.Read() >= 0);
    }

    [Fact]
    public void Stray_resets_are_neither_told_nor_do_they_make_the_backlog_grow()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can send segments of its own making (raw(7))");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.AutoFrom(128) });
        using var listenDrops = new ListenDrops();
        var monitor = new QueueMonitor(socket);
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;
        long before = listenDrops.Read()!.Value;
        monitor.Tick(listenDrops.Read);

        SendResets(socket.Address.Port, 300);
        Assert.True(SpinWait.SpinUntil(() => socket.ReadQueue()!.Value.Drops >= 300, WaitTimeout));
        monitor.Tick(listenDrops.Read);

        // 0, except for handshakes that other sockets on the machine drop meanwhile.
        Assert.InRange(monitor.Snapshot().Drops!.Value, 0, listenDrops.Read()!.Value - before);
        if (listenDrops.Read() == before) Assert.Equal((128, true), (socket.EffectiveBacklog, events.IsEmpty));
    }

    [Fact]
    public async Task Clients_that_abort_their_connections_are_no_drops()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(1000) });
        using var listenDrops = new ListenDrops();
        var monitor = new QueueMonitor(socket);
        long before = listenDrops.Read()!.Value;
        monitor.Tick(listenDrops.Read);
        var loop = new AcceptLoop(socket, connection => connection.Dispose(), monitor);
        loop.Start();
        for (int i = 0; i < 300; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            await client.ConnectAsync(IPAddress.Loopback, socket.Address.Port);
        }
        await loop.DrainAsync().WaitAsync(WaitTimeout);

        monitor.Tick(listenDrops.Read);

        Assert.InRange(monitor.Snapshot().Drops!.Value, 0, listenDrops.Read()!.Value - before);
    }

    private static void SendResets(int port, int count)
    {
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp);
        for (int i = 0; i < count; i++)
        {
            byte[] segment = new byte[20];
            BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)(20_000 + i));
            BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)port);
            segment[12] = 5 << 4;
            segment[13] = 0x04;
            BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), Checksum(segment));
            raw.SendTo(segment, new IPEndPoint(IPAddress.Loopback, 0));
        }
    }

    // RFC 9293, 3.1: the ones' complement sum over the addresses, the protocol, the length and the segment.
    private static ushort Checksum(byte[] segment)
    {
        uint sum = 2 * 0x7F00 + 2 * 0x0001 + 6 + (uint)segment.Length;
        for (int i = 0; i < segment.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(i));
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
