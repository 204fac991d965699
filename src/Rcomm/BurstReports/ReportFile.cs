using System.Text.Json;

namespace Rcomm.BurstReports;

/// <summary>Reads a report written by <c>--json</c>.</summary>
internal static class ReportFile
{
    /// <param name="path">The file.</param>
    /// <param name="flag">The option that named it, for the message.</param>
    /// <exception cref="BurstFileException">The file can't be read, or isn't a valid report.</exception>
    public static BurstReport Read(string path, string flag)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, BurstJson.Default.BurstReport) is { Format: BurstReport.CurrentFormat, Burst.Summary: not null } report
                ? WithConnections(report)
                : throw NotAReport(path, flag);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BurstFileException($"{flag} {path}: {e.Message} Name files that rcomm burst URL --json wrote.");
        }
        catch (JsonException)
        {
            throw NotAReport(path, flag);
        }
    }

    // The list of connections is large and may have been removed from the file.
    private static BurstReport WithConnections(BurstReport report) =>
        report.Burst.Connections is null ? report with { Burst = report.Burst with { Connections = [] } } : report;

    private static BurstFileException NotAReport(string path, string flag) =>
        new($"{flag} {path}: the file isn't a report of this version. Write one with: rcomm burst URL --json > {path}");
}
