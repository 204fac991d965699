using Rcomm.Server;

namespace Rcomm.Tests.Server;

public sealed class ProcessLimitsTests
{
    [Theory]
    [InlineData(192, false, 7372)]
    [InlineData(192, true, 2304)]
    [InlineData(32, false, 128)]
    [InlineData(64 << 10, false, null)]
    public void Connections_are_as_many_as_memory_holds_where_that_is_less_than_files(int megabytes, bool areTls, int? expected) =>
        Assert.Equal(expected, ProcessLimits.ConnectionsThatFit((long)megabytes << 20, files: 20_000, areTls));
}
