using System.Diagnostics;
using System.Globalization;

namespace Rcomm.Peers;

/// <summary>Measures every server in turns (A B C … A B C …), so that what the machine does meanwhile meets all of them alike.</summary>
internal sealed class Comparison(Options options, Folders folders, Results results)
{
    // Ports in TIME_WAIT, and the retries of clients that were dropped, end before the next server's turn.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture);

    public async Task RunAsync()
    {
        for (int round = 1; round <= options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {options.Rounds}");
            if (!options.Skip.Contains("start")) await EachAsync(StartTimeAsync);
            if (!options.Skip.Contains("rates")) await EachAsync(RatesAsync);
            if (!options.Skip.Contains("large")) await EachAsync(LargeFileAsync);
            if (options.Skip.Contains("bursts")) continue;
            foreach (int? backlog in (int?[])[null, Cap])
                foreach (int connections in options.Bursts) await EachAsync(peer => BurstsAsync(peer, backlog, connections));
        }
        if (!options.Skip.Contains("memory")) await EachAsync(MemoryAsync);
    }

    private async Task EachAsync(Func<Peer, Task> measure)
    {
        foreach (Peer peer in options.Peers)
        {
            await measure(peer);
            await Task.Delay(Rest);
        }
    }

    private async Task StartTimeAsync(Peer peer)
    {
        long start = Stopwatch.GetTimestamp();
        await using RunningPeer server = RunningPeer.Start(peer, null, folders);
        await server.AnswersAsync();
        results.Add(new("start", "start to first response, ms", MoreIsBetter: false), peer, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task RatesAsync(Peer peer)
    {
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        // A second of load first: what is compiled or cached at first use is then done.
        Tools.RequestsPerSecond(server, TimeSpan.FromSeconds(1), newConnections: false);
        results.Add(new("requests", "1 KiB page, 64 kept-alive connections, requests/s", MoreIsBetter: true), peer, Tools.RequestsPerSecond(server, options.LoadTime, newConnections: false));
        results.Add(new("requests", "1 KiB page, a new connection each, requests/s", MoreIsBetter: true), peer, Tools.RequestsPerSecond(server, options.LoadTime, newConnections: true));
    }

    private async Task LargeFileAsync(Peer peer)
    {
        if (!peer.ServesLargeFiles) return;
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        results.Add(new("large file", $"{Folders.LargeFileMiB} MiB file, 8 clients, MiB/s", MoreIsBetter: true), peer, Tools.LargeFileMiBPerSecond(server, options.LoadTime));
    }

    private async Task BurstsAsync(Peer peer, int? backlog, int connections)
    {
        await using RunningPeer server = RunningPeer.Start(peer, backlog, folders);
        await server.ListensAsync();
        foreach (string state in (string[])["cold", "warm"])
        {
            if (state == "warm")
            {
                // Warm: as much has been served before as the burst itself brings, and more.
                Tools.RequestsPerSecond(server, TimeSpan.FromSeconds(1), newConnections: true);
                await Task.Delay(Rest);
            }
            BurstFigures burst = Tools.Burst(server, connections);
            string group = string.Create(CultureInfo.InvariantCulture, $"burst of {connections:N0}, {state}, backlog {(backlog is null ? "default" : backlog)}");
            results.Add(new(group, "p99.9 to first byte, ms", MoreIsBetter: false), peer, burst.FirstByteMs);
            results.Add(new(group, "waited a second or more for a retry", MoreIsBetter: false, HasRatio: false), peer, burst.Waited);
            results.Add(new(group, "handshakes dropped", MoreIsBetter: false, HasRatio: false), peer, burst.Drops);
            results.Add(new(group, "not answered in 15 s", MoreIsBetter: false, HasRatio: false), peer, burst.NotAnswered);
            await Task.Delay(Rest);
        }
    }

    private async Task MemoryAsync(Peer peer)
    {
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        await Task.Delay(2 * Rest);
        results.Add(new("memory", "at rest, MiB", MoreIsBetter: false), peer, server.MemoryMiB());
        Tools.Burst(server, options.Bursts[^1]);
        results.Add(new("memory", string.Create(CultureInfo.InvariantCulture, $"right after a burst of {options.Bursts[^1]:N0}, MiB"), MoreIsBetter: false), peer, server.MemoryMiB());
        await Task.Delay(options.QuietTime);
        results.Add(new("memory", $"after {options.QuietTime.TotalSeconds:0} s of quiet, MiB", MoreIsBetter: false), peer, server.MemoryMiB());
    }
}
