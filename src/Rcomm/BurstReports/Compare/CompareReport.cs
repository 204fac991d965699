using Spectre.Console;

namespace Rcomm.BurstReports.Compare;

/// <summary>Prints a comparison of two reports to a terminal.</summary>
internal static class CompareReport
{
    public static void Write(string firstPath, string secondPath, IAnsiConsole console)
    {
        (BurstReport first, BurstReport second) = (ReportFile.Read(firstPath, "--compare"), ReportFile.Read(secondPath, "--compare"));
        foreach ((string path, BurstReport report) in new[] { (firstPath, first), (secondPath, second) })
            console.WriteLine($"{path}: {ReportSentences.Headline(report.Burst)} ({report.Burst.StartedAt:yyyy-MM-dd HH:mm:ss} UTC)");
        foreach (string doubt in Comparison.Warnings(first, second)) console.MarkupLineInterpolated($"[yellow]![/] {doubt}");
        console.WriteLine();

        Table table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (string path in (string[])[firstPath, secondPath]) table.AddColumn(Markup.Escape(Path.GetFileName(path)), column => column.RightAligned());
        table.AddColumn("second compared with first");
        foreach (ComparisonRow row in Comparison.Rows(first, second)) table.AddRow(row.Name, row.First, row.Second, row.Difference);
        console.Write(table);
    }
}
