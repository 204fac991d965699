using System.Diagnostics;
using System.Text.Json;

namespace Rcomm.Soak;

/// <summary>Something that happens to a server under load, repeatedly for a time.</summary>
internal sealed record Step(string Name, Func<int, Task> Once, Func<Task>? Before = null, Func<Task>? After = null)
{
    /// <summary>The minimum number of times, however long it takes.</summary>
    public int Times { get; init; } = 1;

    /// <summary>What <c>rcomm burst</c> opens meanwhile.</summary>
    public string[] Burst { get; init; } = ["--connections", "1000", "--rounds", "3"];

    /// <summary>Why the step can't be run here; null if it can.</summary>
    public string? Skipped { get; init; }

    public async Task<StepResult> RunAsync(Site site, Load load, TimeSpan time)
    {
        if (Skipped is not null) return StepResult.Skip(Name, Skipped);
        if (Before is not null) await Before();
        (long sentBefore, long answeredBefore) = await load.CountAsync();
        var watch = Stopwatch.StartNew();
        Task<string> burst = site.RunAsync(["burst", $"http://127.0.0.1:{site.Port}/", .. Burst, "--timeout", "60s", "--json"]);

        int times = 0;
        for (; watch.Elapsed < time || times < Times || !burst.IsCompleted; times++)
        {
            await Once(times);
            site.CheckRuns();
        }
        if (After is not null) await After();

        JsonElement report = JsonDocument.Parse(await burst).RootElement;
        JsonElement summary = report.GetProperty("burst").GetProperty("summary");
        int burstAnswered = summary.GetProperty("outcomes").EnumerateArray()
            .Where(outcome => outcome.GetProperty("outcome").GetString() == "answered").Sum(outcome => outcome.GetProperty("count").GetInt32());
        (long sent, long answered) = await load.CountAsync();
        return new(Name, times, watch.Elapsed, sent - sentBefore, answered - answeredBefore, summary.GetProperty("connections").GetInt32(), burstAnswered);
    }
}
