using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.SockDiag;

namespace Rcomm.Listening.Tests;

public sealed class HostQueuesTests
{
    [Fact]
    public void A_full_queue_shows_its_depth_and_what_it_dropped()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(5) });
        var sinceFirst = Stopwatch.StartNew();
        using var clients = new WaitingClients(socket.Address.Port, 12);
        clients.GiveUp();

        HostQueue queue = Assert.Single(HostQueueList.Read((ushort)socket.Address.Port).Queues);

        // The queue holds backlog + 1 (DESIGN: 12 connects to a backlog of 5).
        Assert.Equal((6, 5), (queue.Depth, queue.Backlog));
        Assert.Equal((6, 5), SocketTable.Of(socket.Address));
        // Those that were dropped try again every second until they give up.
        Assert.InRange(queue.Drops!.Value, 6u, 6u * (1 + (uint)sinceFirst.Elapsed.TotalSeconds));
        Assert.Equal(socket.Address, queue.Address);
        Assert.Contains(queue.Owners, owner => owner.Id == Environment.ProcessId);
    }

    [Fact]
    public void A_Unix_queue_shows_its_depth_and_its_owner()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse($"unix:@rcomm-test-{Guid.NewGuid()}"), new() { Backlog = Backlog.Of(5) });
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint("\0" + socket.Address.UnixPath![1..]));

        HostQueue queue = HostQueueList.Read().Queues.Single(queue => queue.Address == socket.Address);

        Assert.Equal((1, 5), (queue.Depth, queue.Backlog));
        Assert.Equal((1, 5), SocketTable.Of(socket.Address));
        Assert.Null(queue.Drops);
        Assert.Contains(queue.Owners, owner => owner.Id == Environment.ProcessId);
    }

    [Theory]
    [InlineData("[::1]:0", "[::1]")]
    [InlineData("[::]:0", "*")]
    [InlineData("0.0.0.0:0", "0.0.0.0")]
    public void Addresses_are_written_as_ss_writes_them(string address, string host)
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse(address));

        HostQueue queue = Assert.Single(HostQueueList.Read((ushort)socket.Address.Port).Queues);

        Assert.Equal($"{host}:{socket.Address.Port}", queue.Address.ToString());
    }

    [Fact]
    public void The_namespaces_counters_are_read()
    {
        NamespaceCounters? counters = HostQueueList.Read().Counters;

        Assert.NotNull(counters?.ListenOverflows);
        Assert.NotNull(counters?.ListenDrops);
        Assert.NotNull(counters?.RequestQueueFullDrops);
        Assert.NotNull(counters?.SynCookiesSent);
    }

    [Fact]
    public void A_kernel_without_a_counter_is_reported_as_unknown()
    {
        NamespaceCounters counters = NamespaceCounters.Parse(
            "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 3 17\nIpExt: ListenOverflows\nIpExt: 5\n");

        Assert.Equal(new NamespaceCounters(null, 17, null, 3), counters);
        Assert.Equal(new NamespaceCounters(null, null, null, null), NamespaceCounters.Parse("nonsense"));
    }

    [Fact]
    public void A_kernel_that_cannot_list_a_family_is_no_host_without_sockets()
    {
        using SafeNetlinkHandle netlink = SafeNetlinkHandle.Open();
        var appleTalk = new InetDiag.Request { Family = 5, Cookie = ulong.MaxValue };

        var refused = Assert.Throws<SockDiagException>(() => NetlinkQuery.Ask(netlink, in appleTalk, dump: true, () => { }, _ => { }));

        Assert.Contains("this kernel lacks", refused.Message);
    }

    [Fact]
    public void A_socket_that_no_process_holds_is_listed_and_its_owner_said_to_be_unknown()
    {
        using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var name = new UnixDomainSocketEndPoint($"\0rcomm-test-{Guid.NewGuid()}");
        receiver.Bind(name);
        using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        sender.Connect(name);
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        int port = socket.Address.Port;
        DescriptorPassing.Send(sender, [1], [(int)socket.Socket.Handle]);
        socket.Dispose();

        HostQueueList read = HostQueueList.Read((ushort)port);

        Assert.Empty(Assert.Single(read.Queues).Owners);
        Assert.Contains(read.NotRead, sentence => sentence.StartsWith("the processes of some sockets:", StringComparison.Ordinal));
    }

    [Fact]
    public void The_layouts_are_the_kernels()
    {
        Assert.Equal(16, Marshal.SizeOf<NetlinkQuery.Header>());
        Assert.Equal(56, Marshal.SizeOf<InetDiag.Request>());
        Assert.Equal(72, Marshal.SizeOf<InetDiag.Message>());
        Assert.Equal(56, (int)Marshal.OffsetOf<InetDiag.Message>(nameof(InetDiag.Message.ReceiveQueue)));
        Assert.Equal(24, Marshal.SizeOf<UnixDiag.Request>());
        Assert.Equal(16, Marshal.SizeOf<UnixDiag.Message>());
    }
}
