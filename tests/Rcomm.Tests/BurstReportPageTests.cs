using System.CommandLine;
using System.Text.Json;
using Rcomm.Burst.Results;
using Rcomm.BurstReports;
using Rcomm.BurstReports.Html;
using Rcomm.BurstReports.Options;
using static Rcomm.Tests.BurstReports;

namespace Rcomm.Tests;

public sealed class BurstReportPageTests
{
    [Fact]
    public void The_plot_of_the_queue_counts_its_drops_from_the_sample_before_the_run()
    {
        TargetQueue queue = Queue(128, 129, 391) with { Samples = [new(-30_000, 0, 128, 0), new(5_000, 129, 128, 17), new(9_000, 20, 128, 391)] };

        HtmlQueue plotted = HtmlQueue.Of(Of([.. Answered(609, 20), .. Answered(391, 1030, retries: 1)], queue))!;

        Assert.Equal([(-30, 0), (5, 17), (9, 391)], plotted.Samples.Select(sample => (sample.AtMs, sample.Drops)));
    }

    [Fact]
    public void The_histogram_puts_each_connection_in_its_step()
    {
        BurstReport report = Of([.. Answered(5, 0.5), .. Answered(4, 3), .. Answered(3, 999), .. Answered(2, 1050, retries: 1),
            .. Answered(1, 7050, retries: 6), .. Ended(9, ConnectionOutcome.TimedOutConnecting)]);

        Assert.Equal(
            [("under 1 ms", 5, false), ("3 - 10 ms", 4, false), ("1 - 2 s", 5, true), ("7 - 15 s", 1, true)],
            TimeHistogram.Of(report.Burst).Where(row => row.Count > 0).Select(row => (row.Label, row.Count, row.IsRetry)));
    }

    [Fact]
    public void The_plots_bins_hold_every_connection_once()
    {
        BurstReport report = Of([.. Answered(5, 0.02), .. Answered(40, 31.6), .. Answered(2, 1050, retries: 1)]);

        TimeDistribution times = TimeDistribution.Of(report.Burst)[^1];

        Assert.Equal([(5, 0), (40, 0), (2, 2)], times.Bins.Select(bin => (bin.Count, bin.Retried)));
        Assert.All(times.Bins.Zip([0.02, 31.6, 1050.0]), pair => Assert.InRange(pair.Second, pair.First.FromMs, pair.First.ToMs));
    }

    [Fact]
    public void The_page_needs_nothing_from_outside_and_a_name_cannot_end_its_script()
    {
        string file = Path.GetTempFileName();
        try
        {
            HtmlReport.Write(Of([.. Answered(5, 2), .. Ended(1, ConnectionOutcome.Reset)], Queue(128, 5, 0), "http://127.0.0.1/</script><img src=x>"), file);
            string page = File.ReadAllText(file);

            Assert.Contains("5 of 6 connections were answered.", page);
            Assert.Contains("default-src 'none'", page);
            Assert.Equal(2, page.Split("</script>").Length - 1);
            Assert.DoesNotContain("<img", page);
            // What an element loads; the SVG namespace and the target's own URL don't count.
            Assert.DoesNotMatch("""(src|href)\s*=\s*["']?(https?:)?//|@import|url\(\s*["']?http""", page);
            Assert.Equal(6, DataOf(page).GetProperty("outcomes").EnumerateArray().Sum(share => share.GetProperty("count").GetInt32()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_job_for_Kubernetes_gives_flags_that_exist()
    {
        string job = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "kubernetes", "burst-job.yaml"));
        string[] arguments =
            JsonSerializer.Deserialize<string[]>(job.Split('\n').Single(line => line.Trim().StartsWith("args:", StringComparison.Ordinal)).Split(':', 2)[1])!;
        var command = new Command("burst");
        new BurstOptions().AddTo(command);

        Assert.Equal("burst", arguments[0]);
        Assert.Empty(command.Parse([.. arguments.Skip(1).Select(argument => argument == "START" ? "+30s" : argument)]).Errors);
    }

    [Fact]
    public void The_documentation_names_every_flag_outcome_and_field()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "burst.md"));
        var command = new Command("burst");
        new BurstOptions().AddTo(command);

        foreach (Option option in command.Options) Assert.Contains($"`{option.Name}", page);
        JsonElement report = JsonSerializer.SerializeToElement(
            Of(Enum.GetValues<ConnectionOutcome>().SelectMany(outcome => Ended(1, outcome, 5)).Select(WithEverything), Queue(1, 1, 1)),
                BurstJson.Default.BurstReport);
        foreach (HandshakeFailure failure in Enum.GetValues<HandshakeFailure>())
            Assert.Contains($"`{JsonSerializer.SerializeToElement(failure, BurstJson.Default.HandshakeFailure).GetString()}`", page);
        foreach (string name in NamesIn(report).Distinct()) Assert.Contains($"`{name}`", page);
        foreach (JsonElement count in report.GetProperty("burst").GetProperty("summary").GetProperty("outcomes").EnumerateArray())
            Assert.Contains($"`{count.GetProperty("outcome").GetString()}`", page);
    }

    private static ConnectionRecord WithEverything(ConnectionRecord record) => record with
    {
        Status = 200,
        Part = 1,
        Tls = new(1, 2, "1.3", "h2", true, record.Outcome == ConnectionOutcome.HandshakeFailed ? HandshakeFailure.Alert : null, "handshake_failure"),
        WebSocket = new(1, 1, 5, 1001, 9),
    };

    private static JsonElement DataOf(string page)
    {
        const string Begin = "<script id=\"data\" type=\"application/json\">";
        int start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return JsonDocument.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]).RootElement;
    }

    private static IEnumerable<string> NamesIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => NamesIn(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(NamesIn),
        _ => [],
    };
}
