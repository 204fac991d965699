using System.Text.Json;

namespace Rcomm.BurstReports.Compare;

/// <summary>A report that <c>--json</c> wrote.</summary>
internal static class ReportFile
{
    /// <exception cref="BurstFileException">The file is not there, or holds no such report.</exception>
    public static BurstReport Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, BurstJson.Default.BurstReport) is { Format: BurstReport.CurrentFormat, Burst.Summary: not null } report
                ? report
                : throw NoReport(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BurstFileException($"--compare {path}: {e.Message} Name two files that rcomm burst URL --json wrote.");
        }
        catch (JsonException)
        {
            throw NoReport(path);
        }
    }

    private static BurstFileException NoReport(string path) =>
        new($"--compare {path}: that is no report of this version. Write one with: rcomm burst URL --json > {path}");
}
