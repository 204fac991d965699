using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

public sealed class ListenSocketTests : ListenSocketTestBase
{
    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    [Theory]
    [InlineData("127.0.0.1:0", 0)]
    [InlineData("127.0.0.1:0", 1)]
    [InlineData("127.0.0.1:0", 128)]
    [InlineData("[::1]:0", 0)]
    [InlineData("[::1]:0", 1)]
    [InlineData("[::1]:0", 1000)]
    [InlineData("unix:@rcomm-test-backlog", 0)]
    [InlineData("unix:@rcomm-test-backlog", 1)]
    [InlineData("unix:@rcomm-test-backlog", 1000)]
    public void The_kernel_keeps_the_backlog_that_was_asked_for(string address, int backlog)
    {
        using ListenSocket socket = Open(address + (address[0] == 'u' ? Guid.NewGuid() : ""), new() { Backlog = Backlog.Of(backlog) });

        Assert.Equal(backlog, socket.EffectiveBacklog);
        Assert.Equal(backlog, SocketTable.Of(socket.Address).Backlog);
        Assert.Equal($"backlog: {backlog}", socket.DescribeBacklog());
        Assert.False(socket.IsCapped);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_backlog_above_the_cap_is_reported_as_capped(string address)
    {
        using ListenSocket socket = Open(address, new() { Backlog = Backlog.Of(Cap + 1) });

        Assert.Equal(Cap, socket.EffectiveBacklog);
        Assert.Equal(Cap, SocketTable.Of(Listed(socket)).Backlog);
        Assert.True(socket.IsCapped);
        Assert.Equal($"backlog: {Cap}, requested {Cap + 1}, capped by net.core.somaxconn", socket.DescribeBacklog());
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Max_is_the_cap_and_nothing_was_cut(string address)
    {
        using ListenSocket socket = Open(address, new() { Backlog = Backlog.Max });

        Assert.Equal(Cap, socket.EffectiveBacklog);
        Assert.False(socket.IsCapped);
        Assert.Equal($"backlog: {Cap}", socket.DescribeBacklog());
    }

    [Fact]
    public void SO_REUSEADDR_is_on_and_SO_REUSEPORT_is_not()
    {
        using ListenSocket socket = Open("127.0.0.1:0");

        Assert.Equal(1, SocketOption.ReuseAddress.Get(socket.Socket));
        Assert.Equal(0, SocketOption.ReusePort.Get(socket.Socket));
    }

    [Fact]
    public void The_descriptor_closes_on_exec()
    {
        using ListenSocket socket = Open("127.0.0.1:0");

        string flags = File.ReadLines($"/proc/self/fdinfo/{socket.Socket.SafeHandle.DangerousGetHandle()}")
            .Single(line => line.StartsWith("flags:", StringComparison.Ordinal));

        Assert.NotEqual(0, Convert.ToInt32(flags[6..].Trim(), 8) & Convert.ToInt32("2000000", 8));
    }

    [Fact]
    public void A_second_server_on_the_same_port_is_refused()
    {
        using ListenSocket first = Open("127.0.0.1:0");

        var refused = Assert.Throws<ListenException>(() => ListenSocket.Open(first.Address));

        Assert.Equal(ListenFailure.AddressInUse, refused.Failure);
        Assert.Contains("EADDRINUSE", refused.Message);
    }

    [Fact]
    public void Shards_share_a_port_when_they_are_asked_for()
    {
        using ListenSocket first = Open("127.0.0.1:0", new() { ReusePort = true });
        using ListenSocket second = ListenSocket.Open(first.Address, new() { ReusePort = true });

        Assert.Equal(first.Address, second.Address);
        Assert.Throws<ListenException>(() => ListenSocket.Open(first.Address));
    }

    [Fact]
    public void A_port_with_connections_in_TIME_WAIT_can_be_listened_on_at_once()
    {
        ListenAddress address;
        using (ListenSocket first = Open("127.0.0.1:0"))
        {
            address = first.Address;
            using Socket client = Connect(address);
            using Socket server = Accept(first);
            // The side that closes first keeps the connection in TIME_WAIT.
            server.Close();
            Assert.Equal(0, client.Receive(new byte[1]));
        }

        using ListenSocket second = ListenSocket.Open(address);

        Assert.Equal(address, second.Address);
    }

    [Fact]
    public void Every_address_takes_IPv4_and_IPv6()
    {
        foreach (string text in new[] { "*:0", "[::]:0" })
        {
            using ListenSocket socket = Open(text);
            using Socket four = Connect(ListenAddress.Of(new(IPAddress.Loopback, socket.Address.Port)));
            using Socket six = Connect(ListenAddress.Of(new(IPAddress.IPv6Loopback, socket.Address.Port)));
            Assert.True(four.Connected && six.Connected);
        }
    }

    [Fact]
    public void IPv6Only_leaves_IPv4_out()
    {
        using ListenSocket socket = Open("[::]:0", new() { IPv6Only = true });

        Assert.Throws<SocketException>(() => Connect(ListenAddress.Of(new(IPAddress.Loopback, socket.Address.Port))));
    }

    [Fact]
    public void An_address_that_the_machine_does_not_have_is_refused_unless_freebind_is_on()
    {
        var refused = Assert.Throws<ListenException>(() => Open("192.0.2.1:0"));
        using ListenSocket free = Open("192.0.2.1:0", new() { FreeBind = true });

        Assert.Equal(ListenFailure.AddressNotAvailable, refused.Failure);
        Assert.Contains("EADDRNOTAVAIL", refused.Message);
        Assert.Equal(1, SocketOption.FreeBind.Get(free.Socket));
    }

    [Fact]
    public void Localhost_is_to_be_expanded_first() =>
        Assert.Throws<ArgumentException>(() => ListenSocket.Open(ListenAddress.Parse("localhost:0")));

    [Fact]
    public void The_cap_is_read_from_the_sockets_own_namespace()
    {
        using ListenSocket socket = Open("127.0.0.1:0");

        Assert.Equal(Cap, SomaxConn.For(socket.Socket));
    }

    public static TheoryData<string> Addresses => ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0", "*:0", $"unix:@rcomm-test-{Guid.NewGuid()}"];

    // ss writes a dual-stack socket as *:port.
    private static ListenAddress Listed(ListenSocket socket) =>
        Equals(socket.Address.Ip, IPAddress.IPv6Any) ? ListenAddress.Parse($"*:{socket.Address.Port}") : socket.Address;
}
