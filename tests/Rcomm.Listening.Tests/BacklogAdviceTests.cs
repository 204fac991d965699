using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Tests;

public sealed class BacklogAdviceTests
{
    [Theory]
    [InlineData(129, 391, 1024)]
    [InlineData(129, 1, 256)]
    [InlineData(128, 128, 256)]
    [InlineData(6, 6, 16)]
    [InlineData(1, 1, 2)]
    [InlineData(0, 0, 1)]
    [InlineData(int.MaxValue, long.MaxValue / 2, 1 << 30)]
    public void The_backlog_is_what_waited_and_what_was_dropped_rounded_up_to_a_power_of_two(long peak, long drops, int backlog) =>
        Assert.Equal(new BacklogAdvice(backlog, null), BacklogAdvice.For(peak, drops, cap: null));

    [Fact]
    public void Advice_below_the_cap_is_one_setting() =>
        Assert.Equal("A backlog of 1024 would have held this burst; set RCOMM_BACKLOG=1024.", BacklogAdvice.For(129, 391, 4096)
            .Naming("RCOMM_BACKLOG", "RCOMM_SHARDS"));

    [Fact]
    public void Advice_above_the_cap_names_the_sysctl_and_the_shards()
    {
        string advice = BacklogAdvice.For(4097, 6000, 4096).Naming("RCOMM_BACKLOG", "RCOMM_SHARDS");

        Assert.Contains("sysctl -w net.core.somaxconn=16384", advice);
        Assert.EndsWith("RCOMM_SHARDS=4.", advice);
    }

    [Fact]
    public void Advice_above_the_cap_names_io_uring_where_the_kernel_has_it() =>
        Assert.EndsWith("RCOMM_SHARDS=4, or RCOMM_ACCEPT=io_uring.",
            BacklogAdvice.For(4097, 6000, 4096).Naming("RCOMM_BACKLOG", "RCOMM_SHARDS", "RCOMM_ACCEPT=io_uring"));
}
