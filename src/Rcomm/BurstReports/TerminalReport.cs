using Rcomm.Burst.Results;
using Spectre.Console;

namespace Rcomm.BurstReports;

/// <summary>Prints a report to a terminal: the outcomes of the connections, then their times, then the listen queue.</summary>
internal static class TerminalReport
{
    private const int MaxBarWidth = 40;
    // In a narrower terminal headings are shorter; below the second width, the start and the lag of each part are omitted.
    private const int WideEnoughForParts = 90, WideEnoughForTimes = 80;
    private const int CountWidth = 9;

    public static void Write(BurstReport report, IAnsiConsole console)
    {
        BurstSummary summary = report.Burst.Summary;
        console.WriteLine(ReportSentences.Headline(report.Burst));
        console.WriteLine();
        foreach (Sentence sentence in ReportSentences.Outcomes(report))
            console.MarkupLineInterpolated($"[{(sentence.Good ? "green" : "red")}]{(sentence.Good ? "+" : "!")}[/] {sentence.Text}");
        WriteLatencies(summary, console);
        WriteParts(report, console);
        WriteHistogram(report.Burst, console);
        if (ReportSentences.Queue(report) is { } queue) console.WriteLine(queue);
        if (ReportSentences.NextStep(report) is { } next) console.WriteLine(next);
    }

    private static void WriteLatencies(BurstSummary summary, IAnsiConsole console)
    {
        IReadOnlyList<PercentileRow> rows = PercentileRow.Of(summary);
        console.WriteLine();
        if (rows.Count == 0) return;
        Table table = new Table().NoBorder().AddColumn("", column => column.NoWrap());
        foreach (string heading in PercentileRow.Headings) table.AddColumn(heading, column => column.RightAligned().NoWrap());
        foreach (PercentileRow row in rows) table.AddRow([row.Name, .. row.Cells]);
        console.Write(table);
        console.WriteLine();
    }

    private static void WriteParts(BurstReport report, IAnsiConsole console)
    {
        IReadOnlyList<PartRow> rows = PartRow.Of(report);
        if (rows.Count == 0) return;
        IReadOnlyList<string> headings = PartRow.HeadingsFor(report.Burst.Parameters);
        bool isNarrow = console.Profile.Width < WideEnoughForParts;
        int[] shown = [.. Enumerable.Range(0, headings.Count).Where(i => console.Profile.Width >= WideEnoughForTimes || headings[i] is not ("at" or "late"))];
        Table table = new Table().NoBorder();
        foreach (int i in shown) table.AddColumn(isNarrow ? Short(headings[i]) : headings[i], column => column.RightAligned().NoWrap().Padding(0, 0, 1, 0));
        foreach (PartRow row in rows)
            table.AddRow([.. shown.Select(i => new Markup(Markup.Escape(row.Cells[i]), row.HasDrops ? new Style(Color.Red) : Style.Plain))]);
        console.Write(table);
        console.WriteLine();
    }

    private static string Short(string heading) => heading switch
    {
        "connections" => "opened",
        "queue peak" => "peak",
        "a second" => "rate",
        _ => heading,
    };

    private static void WriteHistogram(BurstResult result, IAnsiConsole console)
    {
        IReadOnlyList<HistogramRow> rows = TimeHistogram.Of(result);
        if (rows.Count == 0) return;
        int most = rows.Max(row => row.Count);
        int label = rows.Max(row => row.Label.Length), barWidth = Math.Clamp(console.Profile.Width - label - CountWidth - 6, 1, MaxBarWidth);
        console.WriteLine($"{(result.Parameters.ConnectOnly ? "Time to connect" : "Time to the first byte")}, from the scheduled instant");
        foreach (HistogramRow row in rows)
        {
            string bar = new('#', row.Count == 0 ? 0 : Math.Max(1, (int)Math.Round((double)row.Count * barWidth / most)));
            string note = row.IsRetry && row.Count > 0 ? $"  {row.Note}" : "";
            string colour = row.IsRetry ? "red" : "green";
            console.MarkupLineInterpolated(
                $"  {row.Label.PadLeft(label)}  [{colour}]{bar.PadRight(barWidth)}[/] {HumanFormat.Number(row.Count),CountWidth}{note}");
        }
        console.WriteLine();
    }
}
