using Rcomm.BurstReports.Options;

namespace Rcomm.Tests;

public sealed class BurstStartTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 23, 59, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("+30s", "2026-01-31T23:59:30Z")]
    [InlineData("23:59:30", "2026-01-31T23:59:30Z")]
    [InlineData("00:00:05", "2026-02-01T00:00:05Z")]
    [InlineData("2026-02-01T01:00:00Z", "2026-02-01T01:00:00Z")]
    [InlineData("2026-02-01T01:00:00+01:00", "2026-02-01T00:00:00Z")]
    [InlineData("2026-02-01T00:00:00.250", "2026-02-01T00:00:00.25Z")]
    public void An_instant_is_the_same_on_every_machine(string text, string instant) =>
        Assert.Equal(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture), StartTime.Parse(text, Now));

    [Theory]
    [InlineData("23:58:00", "60.0 s ago")]
    [InlineData("2026-01-31T23:58:59Z", "1.0 s ago")]
    [InlineData("2027-01-01T00:00:00Z", "more than a day")]
    [InlineData("noon", "write 2026-01-31T12:00:00Z")]
    [InlineData("12", "write 2026-01-31T12:00:00Z")]
    public void An_instant_that_cannot_be_waited_for_is_refused(string text, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => StartTime.Parse(text, Now)).Message);
}
