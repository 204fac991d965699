using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

public sealed class ShardTests
{
    private static readonly ListenAddress AnyPort = ListenAddress.Parse("127.0.0.1:0");

    [Fact]
    public void Shards_together_hold_a_burst_that_is_too_large_for_one_queue()
    {
        // One hundred on four queues of 64: 25 each. Only one in billions of runs would send 65 to the same queue.
        IReadOnlyList<ListenSocket> shards = ListenSocket.OpenShards(AnyPort, 4, new() { Backlog = Backlog.Of(64) });
        List<Socket> clients = [.. Enumerable.Range(0, 100).Select(_ => Connect(shards[0].Address))];

        Assert.Equal(100, shards.Sum(shard => shard.ReadQueue()!.Value.Depth));
        Assert.Equal(0, shards.Sum(shard => shard.ReadQueue()!.Value.Drops!.Value));
        Assert.All(shards, shard => Assert.InRange(shard.ReadQueue()!.Value.Depth, 1, 65));
        DisposeAll(clients, shards);
    }

    [Fact]
    public void Shards_are_numbered_on_one_address_and_describe_what_they_hold_together()
    {
        IReadOnlyList<ListenSocket> shards = ListenSocket.OpenShards(AnyPort, 3, new() { Backlog = Backlog.Of(100) });

        Assert.Single(shards.Select(shard => shard.Address).Distinct());
        Assert.Equal($"{shards[0].Address} shard 2 of 3", shards[1].Name);
        Assert.Equal("backlog: 100, 3 shards: 300 in all", ListenSocket.DescribeBacklog(shards));
        DisposeAll([], shards);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_second_server_on_a_sharded_address_is_refused(int shards)
    {
        IReadOnlyList<ListenSocket> first = ListenSocket.OpenShards(AnyPort, 2);

        var refused = Assert.Throws<ListenException>(() => ListenSocket.OpenShards(first[0].Address, shards));

        Assert.Equal(ListenFailure.AddressInUse, refused.Failure);
        DisposeAll([], first);
    }

    [Fact]
    public void One_shard_shares_its_address_with_nobody()
    {
        ListenSocket only = Assert.Single(ListenSocket.OpenShards(AnyPort, 1));

        Assert.Null(only.Shard);
        Assert.Equal(only.Address.ToString(), only.Name);
        Assert.Throws<ListenException>(() => ListenSocket.Open(only.Address, new() { ReusePort = true }));
        only.Dispose();
    }

    [Fact]
    public void A_unix_socket_has_no_shards()
    {
        ListenSocket only = Assert.Single(ListenSocket.OpenShards(ListenAddress.Parse($"unix:@rcomm-test-{Guid.NewGuid()}"), 4));

        Assert.Null(only.Shard);
        only.Dispose();
    }

    [Fact]
    public void Sockets_that_were_taken_over_become_the_first_shards_and_the_missing_are_opened()
    {
        ListenSocket old = ListenSocket.Open(AnyPort);
        using Socket waits = Connect(old.Address);

        IReadOnlyList<ListenSocket> shards = ListenSocket.OpenShards(old.Address, 2, new() { Backlog = Backlog.Of(64) }, [old.Socket.SafeHandle]);

        Assert.Equal(["shard 1 of 2", "shard 2 of 2"], shards.Select(shard => shard.Shard.ToString()!));
        Assert.Equal(1, shards[0].ReadQueue()!.Value.Depth);
        List<Socket> clients = [.. Enumerable.Range(0, 50).Select(_ => Connect(old.Address))];
        Assert.All(shards, shard => Assert.InRange(shard.ReadQueue()!.Value.Depth, 2, 50));
        DisposeAll(clients, shards);
    }

    [Theory]
    [InlineData("1", 128, 4096, 1)]
    [InlineData("4", 128, 4096, 4)]
    [InlineData("4", 100_000, 4096, 4)]
    [InlineData("auto", 128, 4096, 1)]
    [InlineData("auto", 4096, 4096, 1)]
    [InlineData("auto", 4097, 4096, 2)]
    [InlineData("auto", 8000, 4096, 3)]
    [InlineData("auto", 65_535, 4096, 18)]
    [InlineData("auto", 1000, 128, 12)]
    [InlineData("auto", int.MaxValue, 4096, ShardCount.Max)]
    public void The_count_is_the_one_asked_for_or_what_the_backlog_takes_with_room_for_uneven_filling(string text, int backlog, int cap, int count)
    {
        Assert.True(ShardCount.TryParse(text, out ShardCount shards, out _));

        Assert.Equal(count, shards.For(Backlog.Of(backlog), cap).Count);
        Assert.Equal(text, shards.ToString());
    }

    [Fact]
    public void An_automatic_count_fills_each_shard_up_to_the_cap()
    {
        Assert.Equal(Backlog.Max, ShardCount.Auto.For(Backlog.Of(10_000), cap: 4096).Each);
        Assert.Equal(Backlog.Of(1000), ShardCount.Auto.For(Backlog.Of(1000), cap: 4096).Each);
        Assert.Equal(1, ShardCount.Auto.For(Backlog.Max, cap: 4096).Count);
        Assert.Equal(1, ShardCount.Auto.For(Backlog.Of(10_000), cap: null).Count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("65")]
    [InlineData("many")]
    [InlineData("")]
    public void Anything_else_is_no_count(string text)
    {
        Assert.False(ShardCount.TryParse(text, out _, out string? error));
        Assert.Contains("from 1 to 64, or auto", error);
    }

    [Fact]
    public void The_advice_counts_the_shards_there_are()
    {
        Assert.Equal(8192, BacklogAdvice.For(4097, 1000, cap: 4096, shards: 3).Backlog);
        Assert.Contains(" Shards=6.", BacklogAdvice.For(4097, 1000, cap: 4096, shards: 3).ToString());
    }

    private static Socket Connect(ListenAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, address.Port);
        return socket;
    }

    private static void DisposeAll(IEnumerable<Socket> clients, IEnumerable<ListenSocket> shards)
    {
        foreach (Socket client in clients) client.Dispose();
        foreach (ListenSocket shard in shards) shard.Dispose();
    }
}
