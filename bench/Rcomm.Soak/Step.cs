using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Rcomm.Soak;

/// <summary>Something that happens to a server while it is under load, again and again for a time.</summary>
internal sealed record Step(string Name, Func<int, Task> Once, Func<Task>? Before = null, Func<Task>? After = null)
{
    private const int BurstConnections = 1000;
    private const int TakeoverGate = 20;

    public static IEnumerable<Step> All(Site site)
    {
        string[] backlogs = ["64", "4096", "auto", "1000", "max"];
        yield return new("steady load", _ => Task.Delay(100));
        yield return new("backlog resized, again and again", async i => await site.RunAsync("backlog", backlogs[i % backlogs.Length]), After: () => site.RunAsync("backlog", "4096"));
        yield return new("settings read again (SIGHUP), every second file broken", async i =>
        {
            site.WriteSettings(i % 2 == 0 ? "{ \"backlog\": \"lots\" }" : $"{{ \"backlog\": {3000 + i} }}");
            site.Signal(Site.SIGHUP);
            await Task.Delay(200);
        }, After: async () =>
        {
            site.WriteSettings("{ \"backlog\": 4096 }");
            site.Signal(Site.SIGHUP);
            await Task.Delay(500);
        });
        yield return new($"takeover by new processes, {TakeoverGate} times or more in a row", _ => site.TakeOverAsync()) { Times = TakeoverGate };
        yield return new("taken over with another backlog and shards, and back", i => site.TakeOverAsync(i % 2 == 0 ? "--backlog 2000 --shards 3" : "--backlog 4096"));
        yield return new("restarted with its socket kept open, as systemd does", async _ =>
        {
            await site.RestartAsync();
            await Task.Delay(500);
        });
        yield return new("stopped by SIGSTOP for a second, again and again", async _ =>
        {
            site.Signal(Site.SIGSTOP);
            await Task.Delay(1000);
            site.Signal(Site.SIGCONT);
            await Task.Delay(1000);
        });
        yield return new("at its limit of 220 open files", _ => OccupyAsync(site), () => site.TakeOverAsync(shell: "ulimit -n 220"), () => site.TakeOverAsync());
        yield return new("at its limit of 5 connections", _ => Task.Delay(100), () => site.TakeOverAsync("--max-connections 5"), () => site.TakeOverAsync());
    }

    /// <summary>At least so often, however long it takes.</summary>
    public int Times { get; init; } = 1;

    public async Task<StepResult> RunAsync(Site site, Load load, TimeSpan time)
    {
        if (Before is not null) await Before();
        (long sentBefore, long answeredBefore) = await load.CountAsync();
        var watch = Stopwatch.StartNew();
        Task<string> burst = site.RunAsync("burst", $"http://127.0.0.1:{site.Port}/", "--connections", BurstConnections.ToString(CultureInfo.InvariantCulture), "--rounds", "3", "--timeout", "60s", "--json");

        int times = 0;
        for (; watch.Elapsed < time || times < Times || !burst.IsCompleted; times++) await Once(times);
        if (After is not null) await After();

        JsonElement report = JsonDocument.Parse(await burst).RootElement;
        JsonElement summary = report.GetProperty("burst").GetProperty("summary");
        int burstAnswered = summary.GetProperty("outcomes").EnumerateArray().Where(outcome => outcome.GetProperty("outcome").GetString() == "answered").Sum(outcome => outcome.GetProperty("count").GetInt32());
        (long sent, long answered) = await load.CountAsync();
        return new(Name, times, watch.Elapsed, sent - sentBefore, answered - answeredBefore, summary.GetProperty("connections").GetInt32(), burstAnswered);
    }

    // Idle clients hold descriptors, until others can only wait.
    private static async Task OccupyAsync(Site site)
    {
        List<Socket> idle = [];
        for (int i = 0; i < 200; i++)
        {
            idle.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await idle[i].ConnectAsync(IPAddress.Loopback, site.Port);
        }
        await Task.Delay(1500);
        foreach (Socket socket in idle) socket.Dispose();
        await Task.Delay(1500);
    }
}

/// <summary>What was sent and answered in a step.</summary>
internal sealed record StepResult(string Name, int Times, TimeSpan Time, long Sent, long Answered, int BurstSent, int BurstAnswered)
{
    /// <summary>Requests and connections that were not answered whole.</summary>
    public long Lost => Sent - Answered + BurstSent - BurstAnswered;

    public static string Table(IReadOnlyList<StepResult> results) => string.Join('\n',
    [
        "| step | times | seconds | requests sent | answered | burst connections | answered | lost |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        .. results.Select(result => string.Create(CultureInfo.InvariantCulture,
            $"| {result.Name} | {result.Times} | {result.Time.TotalSeconds:0} | {result.Sent:N0} | {result.Answered:N0} | {result.BurstSent:N0} | {result.BurstAnswered:N0} | {result.Lost} |")),
        string.Create(CultureInfo.InvariantCulture,
            $"| **all** | | {results.Sum(result => result.Time.TotalSeconds):0} | {results.Sum(result => result.Sent):N0} | {results.Sum(result => result.Answered):N0} | {results.Sum(result => result.BurstSent):N0} | {results.Sum(result => result.BurstAnswered):N0} | **{results.Sum(result => result.Lost)}** |"),
    ]);
}
