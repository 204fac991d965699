using System.Text.Json;
using Rcomm.Burst.Results;
using Rcomm.BurstReports;
using Rcomm.BurstReports.Compare;
using static Rcomm.Tests.BurstReports;

namespace Rcomm.Tests;

public sealed class BurstComparisonTests
{
    [Fact]
    public void Differences_are_said_in_words()
    {
        BurstReport small = Of([.. Answered(600, 20), .. Answered(400, 1050, retries: 1)], Queue(128, 129, 400)), large =
            Of(Answered(1000, 30), Queue(4096, 900, 0));

        Dictionary<string, string> rows = Comparison.Rows(small, large).ToDictionary(row => row.Name, row => row.Difference);

        Assert.Empty(Comparison.Warnings(small, large));
        Assert.Equal("the same", rows["burst"]);
        Assert.Equal("the same", rows["answered"]);
        Assert.Equal("400 fewer", rows["waited 1 s or more for a retry"]);
        Assert.Equal("50 % longer", rows["first byte, p50"]);
        Assert.Equal("97 % shorter", rows["first byte, max"]);
        Assert.Equal("3,968 more", rows["listen queue: backlog"]);
        Assert.Equal("400 fewer", rows["listen queue: handshakes dropped"]);
        Assert.Equal("35.0 times as long", Comparison.Rows(large, small).Single(row => row.Name == "first byte, max").Difference);
    }

    [Fact]
    public void Times_that_hardly_differ_are_about_the_same() =>
        Assert.Equal("about the same", Comparison.Rows(Of(Answered(10, 100)), Of(Answered(10, 104))).Single(row => row.Name == "connect, p50").Difference);

    [Fact]
    public void Bursts_of_different_sizes_are_compared_by_share_and_with_a_doubt()
    {
        BurstReport small = Of([.. Answered(5, 20), .. Ended(5, ConnectionOutcome.Refused)]), large = Of(Answered(1000, 20));

        Assert.Single(Comparison.Warnings(small, large));
        ComparisonRow refused = Comparison.Rows(small, large).Single(row => row.Name == "refused");
        Assert.Equal(("5 of 10 (50 %)", "0 of 1,000 (0 %)", "a smaller share"), (refused.First, refused.Second, refused.Difference));
    }

    [Fact]
    public void A_report_comes_back_from_its_file_as_it_was()
    {
        string file = Path.GetTempFileName();
        try
        {
            BurstReport report = Of([.. Answered(5, 20, retries: 1), .. Ended(5, ConnectionOutcome.Refused)], Queue(128, 5, 2));
            string text = JsonSerializer.Serialize(report, BurstJson.Default.BurstReport);
            File.WriteAllText(file, text);

            Assert.Equal(text, JsonSerializer.Serialize(ReportFile.Read(file, "--compare"), BurstJson.Default.BurstReport));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"format": 99, "rcomm": "9.0"}""")]
    public void A_file_that_holds_no_report_is_refused_by_name(string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);

            Assert.Contains(file, Assert.Throws<BurstFileException>(() => ReportFile.Read(file, "--compare")).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
