using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Tests;

public sealed class BacklogTests
{
    [Theory]
    [InlineData("128", 128)]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData(" 4096 ", 4096)]
    [InlineData("2147483647", int.MaxValue)]
    public void A_whole_number_is_a_backlog(string text, int connections)
    {
        Assert.True(Backlog.TryParse(text, out Backlog backlog, out _));
        Assert.Equal(Backlog.Of(connections), backlog);
        Assert.Equal(text.Trim(), backlog.ToString());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999")]
    [InlineData("128.0")]
    [InlineData("1e3")]
    [InlineData("+5")]
    [InlineData("1,000")]
    [InlineData("lots")]
    [InlineData("")]
    [InlineData(null)]
    public void Anything_else_is_an_error_and_reads_as_the_default(string? text)
    {
        Assert.False(Backlog.TryParse(text, out Backlog backlog, out string? error));
        Assert.Equal(Backlog.Default, backlog);
        Assert.Contains("from 0 to 2147483647", error);
    }

    [Theory]
    [InlineData("max")]
    [InlineData("MAX")]
    public void Max_asks_for_the_kernels_cap(string text)
    {
        Assert.True(Backlog.TryParse(text, out Backlog backlog, out _));
        Assert.True(backlog.IsMax);
        Assert.Equal("max", backlog.ToString());
        Assert.NotEqual(Backlog.Of(int.MaxValue), backlog);
    }

    [Fact]
    public void Auto_begins_at_the_default()
    {
        Assert.True(Backlog.TryParse("Auto", out Backlog backlog, out _));
        Assert.True(backlog.IsAuto);
        Assert.Equal((16_384, "auto"), (backlog.Connections, backlog.ToString()));
    }

    [Fact]
    public void The_default_is_128() => Assert.Equal(128, Backlog.Default.Connections);

    [Fact]
    public void A_negative_number_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Backlog.Of(-1));
}
