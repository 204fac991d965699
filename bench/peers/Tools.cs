using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rcomm.Peers;

/// <summary>The result of a burst.</summary>
/// <param name="FirstByteMs">p99.9 of the time to the first byte, from the scheduled instant; infinity if more than one in a thousand never got one.</param>
/// <param name="NotAnswered">Connections without a whole answer.</param>
/// <param name="Waited">Connections that waited a second or more for a retry.</param>
/// <param name="Drops">Handshakes the kernel dropped at the server's socket; not a number where that is not known.</param>
/// <param name="Backlog">The effective backlog, read from the kernel; not a number where that is not known.</param>
internal sealed record BurstFigures(double FirstByteMs, int NotAnswered, int Waited, double Drops, double Backlog);

/// <summary>The load: <c>rcomm burst</c> and wrk.</summary>
internal static partial class Tools
{
    public static readonly TimeSpan BurstTimeout = TimeSpan.FromSeconds(15);

    // Longer than any load runs.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    public static BurstFigures Burst(RunningPeer server, int connections)
    {
        // 1: not all were answered, which is a figure, not a failure.
        string json = Run("results/rcomm/rcomm",
            ["burst", server.Page, "--connections", Text(connections), "--timeout", $"{Seconds(BurstTimeout)}s", "--json"], fine: [0, 1]);
        server.CheckRuns();
        JsonElement root = JsonDocument.Parse(json).RootElement, summary = root.GetProperty("burst").GetProperty("summary");
        int answered = summary.GetProperty("outcomes").EnumerateArray()
            .Where(outcome => outcome.GetProperty("outcome").GetString() == "answered").Sum(outcome => outcome.GetProperty("count").GetInt32());
        bool enough = summary.TryGetProperty("firstByte", out JsonElement firstByte) && firstByte.GetProperty("count").GetInt32() >= 0.999 * connections;
        bool seen = root.TryGetProperty("listenQueue", out JsonElement queue);
        return new(
            enough ? firstByte.GetProperty("p999Ms").GetDouble() : double.PositiveInfinity,
            connections - answered,
            summary.GetProperty("waitedForRetry").GetInt32(),
            seen && queue.TryGetProperty("drops", out JsonElement drops) ? drops.GetInt64() : double.NaN,
            seen ? queue.GetProperty("backlog").GetInt32() : double.NaN);
    }

    /// <summary>A train of bursts: repeated SYNs, and the p99.9 of the time to the first byte.</summary>
    public static (int SentAgain, double FirstByteMs) Train(RunningPeer server, string train)
    {
        string json = Run("results/rcomm/rcomm", ["burst", server.Page, "--train", train, "--timeout", $"{Seconds(BurstTimeout)}s", "--json"], fine: [0, 1]);
        server.CheckRuns();
        JsonElement summary = JsonDocument.Parse(json).RootElement.GetProperty("burst").GetProperty("summary");
        return (summary.GetProperty("synRetransmits").GetInt32(), summary.GetProperty("firstByte").GetProperty("p999Ms").GetDouble());
    }

    /// <summary>Opens connections, sends one request on each, and keeps them open; returns when they are closed.</summary>
    public static void Hold(RunningPeer server, int connections, TimeSpan time) =>
        Run("results/rcomm/rcomm", ["burst", server.Page, "--connections", Text(connections), "--ramp", "2s", "--hold", $"{Seconds(time)}s",
            "--timeout", $"{Seconds(BurstTimeout)}s", "--json"], fine: [0, 1]);

    /// <summary>Requests a second by wrk, two threads, since one is the limit where a connection is new for each; 64 connections.</summary>
    public static double RequestsPerSecond(RunningPeer server, TimeSpan time, bool newConnections) => RequestsPerSecond(server.Page, time, newConnections);

    /// <summary>The same of a page, over TLS too.</summary>
    public static double RequestsPerSecond(string page, TimeSpan time, bool newConnections)
    {
        string[] headers = newConnections ? ["-H", "Connection: close"] : [];
        return Number(Requests().Match(Wrk(["-t2", "-c64", $"-d{Seconds(time)}s", .. headers, page])));
    }

    /// <summary>Requests a second by h2load, two threads, 32 connections with 10 streams each.</summary>
    public static double Http2RequestsPerSecond(string page, TimeSpan time)
    {
        string output = Run("h2load", ["-t2", "-c32", "-m10", $"-D{Seconds(time)}", page], fine: [0]);
        if (!output.Contains(" 0 failed, 0 errored, 0 timeout", StringComparison.Ordinal)) throw new PeerException("h2load: requests failed");
        return Number(Http2Requests().Match(output));
    }

    /// <summary>MiB a second of the large file by wrk.</summary>
    public static double LargeFileMiBPerSecond(RunningPeer server, int clients, TimeSpan time)
    {
        Match transfer = Transfer().Match(Wrk(["-t1", $"-c{Text(clients)}", $"-d{Seconds(time)}s", "--timeout", "20s", server.LargeFile]));
        return Number(transfer) * (transfer.Groups[2].Value switch { "GB" => 1024, "MB" => 1, "KB" => 1 / 1024.0, _ => 1 / 1024.0 / 1024 });
    }

    /// <summary>The first line of a program's version output; null if it isn't installed.</summary>
    public static string? Version(string command, string argument)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return (process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd()).Split('\n')[0].Trim();
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    // Failed requests are answered fast, so their rate isn't a valid figure.
    private static string Wrk(IEnumerable<string> arguments)
    {
        string output = Run("wrk", arguments, fine: [0]);
        return Wrong().Match(output) is { Success: true } wrong ? throw new PeerException($"wrk: {wrong.Value.Trim()}") : output;
    }

    private static string Run(string command, IEnumerable<string> arguments, int[] fine)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"{command}: {e.Message}");
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(WaitTimeout))
            {
                process.Kill();
                throw new PeerException($"{command} did not end");
            }
            return fine.Contains(process.ExitCode) && output.Result != ""
                ? output.Result
                : throw new PeerException($"{command} ended with {process.ExitCode}: {errors.Result.Trim()}");
        }
    }

    private static double Number(Match match) =>
        match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : throw new PeerException("wrk told no rate");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => Text((int)time.TotalSeconds);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Requests();

    [GeneratedRegex(@"finished in [^,]*, ([\d.]+) req/s")]
    private static partial Regex Http2Requests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: \d+|Socket errors: connect [1-9].*|unable to connect.*")]
    private static partial Regex Wrong();

    [GeneratedRegex(@"Transfer/sec:\s+([\d.]+)(GB|MB|KB|B)")]
    private static partial Regex Transfer();
}
