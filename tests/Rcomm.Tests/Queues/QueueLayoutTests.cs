using Rcomm.Queues;

namespace Rcomm.Tests.Queues;

public sealed class QueueLayoutTests
{
    private const string LongPath = "unix:/run/some/service/with/a/long/name/of/its/own/listener.sock";

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void No_address_and_no_process_is_broken_at_any_width(int width)
    {
        string[] lines = Lines(width);

        foreach (string cell in (string[])["127.0.0.1:18450", "[2001:db8:1111:2222:3333:4444:5555:6666]:8443", LongPath, "VBCSCompiler (pid 3089312)"])
            Assert.Contains(lines, line => line.Contains(cell, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Trim() == LongPath || line.Length <= width, $"{line.Length} columns: {line}"));
        Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    public void Numbers_stay_under_their_headings(int width)
    {
        string[] lines = Lines(width);
        int end = lines.First(line => line.EndsWith("drops", StringComparison.Ordinal)).Length;

        Assert.Equal(3, lines.Count(line => line.EndsWith("12,345", StringComparison.Ordinal) && line.Length == end));
    }

    [Fact]
    public void A_row_that_fits_is_one_line() =>
        Assert.Matches(@"^127\.0\.0\.1:18450 +nginx \(pid 812\) +3 +511 +12,345$", Lines(80).Single(line => line.Contains("18450", StringComparison.Ordinal)));

    private static string[] Lines(int width)
    {
        var layout = new QueueLayout(["address", "process"], ["waiting", "backlog", "drops"]);
        layout.Add(["127.0.0.1:18450", "nginx (pid 812)"], ["3", "511", "[red]12,345[/]"]);
        layout.Add(["[2001:db8:1111:2222:3333:4444:5555:6666]:8443", "VBCSCompiler (pid 3089312)"], ["3", "511", "12,345"]);
        layout.Add([LongPath, "-"], ["0", "4096", "12,345"]);
        return [.. layout.Lines(width).Select(Spectre.Console.Markup.Remove)];
    }
}
