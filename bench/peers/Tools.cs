using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rcomm.Peers;

/// <summary>What a burst came to.</summary>
/// <param name="FirstByteMs">p99.9 of the time to the first byte, from the instant meant; those that never got one are not in it.</param>
/// <param name="NotAnswered">Connections without a whole answer.</param>
/// <param name="Waited">Connections that waited a second or more for a retry.</param>
/// <param name="Drops">Handshakes the kernel dropped at the server's socket.</param>
internal sealed record BurstFigures(double FirstByteMs, int NotAnswered, int Waited, long Drops);

/// <summary>The load: <c>rcomm burst</c> and wrk.</summary>
internal static partial class Tools
{
    public static BurstFigures Burst(RunningPeer server, int connections)
    {
        string json = Run("results/rcomm/rcomm", ["burst", server.Page, "--connections", Text(connections), "--timeout", "15s", "--json"]);
        JsonElement root = JsonDocument.Parse(json).RootElement, summary = root.GetProperty("burst").GetProperty("summary");
        int answered = summary.GetProperty("outcomes").EnumerateArray()
            .Where(outcome => outcome.GetProperty("outcome").GetString() == "answered").Sum(outcome => outcome.GetProperty("count").GetInt32());
        return new(
            summary.TryGetProperty("firstByte", out JsonElement firstByte) ? firstByte.GetProperty("p999Ms").GetDouble() : double.NaN,
            connections - answered,
            summary.GetProperty("waitedForRetry").GetInt32(),
            root.TryGetProperty("listenQueue", out JsonElement queue) && queue.TryGetProperty("drops", out JsonElement drops) ? drops.GetInt64() : 0);
    }

    /// <summary>Requests a second by wrk, one thread, 64 connections.</summary>
    public static double RequestsPerSecond(RunningPeer server, TimeSpan time, bool newConnections)
    {
        string[] headers = newConnections ? ["-H", "Connection: close"] : [];
        return Number(Requests().Match(Run("wrk", ["-t1", "-c64", $"-d{Seconds(time)}s", .. headers, server.Page])).Groups[1].Value);
    }

    /// <summary>MiB a second of the large file by wrk, 8 connections.</summary>
    public static double LargeFileMiBPerSecond(RunningPeer server, TimeSpan time)
    {
        Match transfer = Transfer().Match(Run("wrk", ["-t1", "-c8", $"-d{Seconds(time)}s", "--timeout", "20s", server.LargeFile]));
        return Number(transfer.Groups[1].Value) * (transfer.Groups[2].Value switch { "GB" => 1024, "MB" => 1, "KB" => 1 / 1024.0, _ => 1 / 1024.0 / 1024 });
    }

    public static string Version(string command, string argument)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return (process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd()).Split('\n')[0].Trim();
    }

    private static string Run(string command, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => Text((int)time.TotalSeconds);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Transfer/sec:\s+([\d.]+)(GB|MB|KB|B)")]
    private static partial Regex Transfer();
}
