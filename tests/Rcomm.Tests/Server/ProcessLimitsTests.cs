using Rcomm.Server;

namespace Rcomm.Tests.Server;

public sealed class ProcessLimitsTests
{
    [Theory]
    [InlineData(192, "Plain", 7372)]
    [InlineData(192, "Tls", 2304)]
    [InlineData(64, "Waiting", 8192)]
    [InlineData(128, "Waiting", null)]
    [InlineData(32, "Plain", 128)]
    [InlineData(64 << 10, "Plain", null)]
    [InlineData(64 << 10, "Waiting", null)]
    public void Connections_are_as_many_as_memory_holds_where_that_is_less_than_files(int megabytes, string kind, int? expected) =>
        Assert.Equal(expected, ProcessLimits.MaxConnections((long)megabytes << 20, files: 20_000, Enum.Parse<ConnectionKind>(kind)));

    [Theory]
    [InlineData(128, 1706)]
    [InlineData(16, 128)]
    [InlineData(64 << 10, null)]
    public void Fewer_are_answered_at_once_than_may_wait(int megabytes, int? expected) =>
        Assert.Equal(expected, ProcessLimits.MaxAnswered((long)megabytes << 20, files: 20_000));

    [Theory]
    [InlineData(128, 48)]
    [InlineData(32, 24)]
    [InlineData(2048, null)]
    public void The_heap_leaves_room_in_a_small_memory_limit(int megabytes, int? expected) =>
        Assert.Equal(expected, ProcessLimits.MaxHeap((long)megabytes << 20) >> 20);
}
