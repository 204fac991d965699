using System.Diagnostics;
using System.Globalization;

namespace Rcomm.Peers;

/// <summary>Measures all servers in turn (A B C … A B C …), so that other activity on the machine affects them equally.</summary>
internal sealed class Comparison(Options options, Folders folders, Results results)
{
    private const int Clients = 8;
    private const int MaxFailedStarts = 3;
    private const int IdleConnections = 10_000;
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(5);
    private static readonly string[] Trains = ["10x3000/200ms", "5x15000/1s"];

    // Ports in TIME_WAIT, and the retries of clients that were dropped, end before the next server's turn.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture);

    private readonly Dictionary<Peer, int> _failedStarts = [];

    /// <summary>Runs the rounds, and yields after each.</summary>
    public async IAsyncEnumerable<int> RoundsAsync()
    {
        for (int round = 1; round <= options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {options.Rounds}");
            if (!options.Skip.Contains("start")) await EachAsync("start", StartTimeAsync);
            if (!options.Skip.Contains("rates")) await EachAsync("requests", RatesAsync);
            if (!options.Skip.Contains("https")) await EachAsync("HTTPS", HttpsAsync);
            if (!options.Skip.Contains("proxy")) await ProxyAsync();
            if (!options.Skip.Contains("large")) await EachAsync("large file", LargeFileAsync);
            if (!options.Skip.Contains("bursts"))
            {
                foreach (int? backlog in (int?[])[null, Cap])
                    foreach (int connections in options.Bursts)
                        await EachAsync(BurstName(connections, backlog), peer => BurstsAsync(peer, backlog, connections));
            }
            if (!options.Skip.Contains("trains"))
                foreach (string train in Trains) await EachAsync("trains", peer => TrainsAsync(peer, train));
            if (!options.Skip.Contains("memory"))
            {
                await MemoryAsync();
                await EachAsync("idle connections", IdleConnectionsAsync);
            }
            yield return round;
        }
    }

    // If one server fails, this is recorded and the others continue.
    private async Task EachAsync(string what, Func<Peer, Task> measure)
    {
        foreach (Peer peer in options.Peers)
        {
            int failedStarts = _failedStarts.GetValueOrDefault(peer);
            if (failedStarts >= MaxFailedStarts) continue;
            try
            {
                await measure(peer);
            }
            catch (PeerException e)
            {
                if (e is NotStartedException) _failedStarts[peer] = ++failedStarts;
                results.AddFailure(peer, what, failedStarts < MaxFailedStarts ? e.Message : $"{e.Message}; it is left out from here on");
            }
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
        // One second of load first, so that everything is compiled and cached.
        Tools.RequestsPerSecond(server, TimeSpan.FromSeconds(1), newConnections: false);
        foreach ((string what, bool isNew) in ((string, bool)[])[("64 kept-alive connections", false), ("a new connection each", true)])
        {
            TimeSpan before = server.ProcessorTime();
            double rate = Tools.RequestsPerSecond(server, options.LoadTime, isNew);
            double perRequest = (server.ProcessorTime() - before).TotalMicroseconds / (rate * options.LoadTime.TotalSeconds);
            results.Add(new("requests", $"1 KiB page, {what}, requests/s", MoreIsBetter: true), peer, rate);
            results.Add(new("requests", $"1 KiB page, {what}, processor time of the server for each, µs", MoreIsBetter: false), peer, perRequest);
        }
    }

    private async Task HttpsAsync(Peer peer)
    {
        if (!peer.ServesHttps) return;
        await using RunningPeer server = RunningPeer.StartHttps(peer, Cap, folders);
        await server.ListensAsync();
        Tools.RequestsPerSecond(server.EncryptedPage, TimeSpan.FromSeconds(1), newConnections: false);
        Measure("64 kept-alive connections", () => Tools.RequestsPerSecond(server.EncryptedPage, options.LoadTime, newConnections: false));
        Measure("HTTP/2, 32 connections with 10 streams", () => Tools.Http2RequestsPerSecond(server.EncryptedPage, options.LoadTime));
        Measure("a new connection each", () => Tools.RequestsPerSecond(server.EncryptedPage, options.LoadTime, newConnections: true));

        void Measure(string what, Func<double> load)
        {
            TimeSpan before = server.ProcessorTime();
            double rate = load();
            double microseconds = (server.ProcessorTime() - before).TotalMicroseconds / (rate * options.LoadTime.TotalSeconds);
            results.Add(new("HTTPS", $"1 KiB page, {what}, requests/s", MoreIsBetter: true), peer, rate);
            results.Add(new("HTTPS", $"{what}, CPU of the server for a request, µs", MoreIsBetter: false), peer, microseconds);
        }
    }

    private async Task TrainsAsync(Peer peer, string train)
    {
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        (int sentAgain, double firstByteMs) = Tools.Train(server, train);
        string group = $"train of bursts {train}, backlog {Cap}";
        results.Add(new(group, "SYNs sent again", MoreIsBetter: false, HasRatio: false), peer, sentAgain);
        results.Add(new(group, "p99.9 to first byte, ms", MoreIsBetter: false), peer, firstByteMs);
    }

    private async Task IdleConnectionsAsync(Peer peer)
    {
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        Task held = Task.Run(() => Tools.Hold(server, IdleConnections, HoldTime));
        await Task.Delay(HoldTime);
        results.Add(new("memory", string.Create(CultureInfo.InvariantCulture, $"with {IdleConnections:N0} idle connections, MiB"),
            MoreIsBetter: false), peer, server.MemoryMiB());
        await held;
    }

    // The same service for all: nginx with the page.
    private async Task ProxyAsync()
    {
        Peer service = Peer.All.Single(peer => peer.Name == "nginx");
        await using RunningPeer upstream = RunningPeer.Start(service, Cap, folders);
        await upstream.AnswersAsync();
        await EachAsync("proxy", async peer =>
        {
            if (peer.Proxy is null) return;
            await using RunningPeer proxy = RunningPeer.StartProxy(peer, upstream, Cap, folders);
            await proxy.AnswersAsync();
            Tools.RequestsPerSecond(proxy, TimeSpan.FromSeconds(1), newConnections: false);
            foreach (bool newConnections in (bool[])[false, true])
            {
                string what = newConnections ? "a new connection each" : "64 kept-alive connections";
                TimeSpan before = proxy.ProcessorTime();
                double rate = Tools.RequestsPerSecond(proxy, options.LoadTime, newConnections);
                double microseconds = (proxy.ProcessorTime() - before).TotalMicroseconds / (rate * options.LoadTime.TotalSeconds);
                results.Add(new("proxy before nginx", $"1 KiB page, {what}, requests/s", MoreIsBetter: true), peer, rate);
                results.Add(new("proxy before nginx", $"{what}, CPU of the proxy for a request, µs", MoreIsBetter: false), peer, microseconds);
            }
        });
    }

    private async Task LargeFileAsync(Peer peer)
    {
        if (!peer.ServesLargeFiles) return;
        await using RunningPeer server = RunningPeer.Start(peer, Cap, folders);
        await server.AnswersAsync();
        Tools.RequestsPerSecond(server, TimeSpan.FromSeconds(1), newConnections: false);
        await Task.Delay(Rest);
        double before = server.MemoryMiB();
        Task<double> load = Task.Run(() => Tools.LargeFileMiBPerSecond(server, Clients, options.LoadTime));
        await Task.Delay(options.LoadTime / 2);
        double during = server.MemoryMiB();
        results.Add(new("large file", $"{Folders.LargeFileMiB} MiB file, {Clients} clients, MiB/s", MoreIsBetter: true), peer, await load);
        results.Add(new("large file", "memory meanwhile above rest, for each client, KiB", MoreIsBetter: false, HasRatio: false), peer,
            (during - before) * 1024 / Clients);
    }

    private async Task BurstsAsync(Peer peer, int? backlog, int connections)
    {
        await using RunningPeer server = RunningPeer.Start(peer, backlog, folders);
        await server.ListensAsync();
        foreach (string state in (string[])["cold", "warm"])
        {
            if (state == "warm")
            {
                // Warm: the server has handled at least as many connections before.
                Tools.RequestsPerSecond(server, TimeSpan.FromSeconds(1), newConnections: true);
                await Task.Delay(Rest);
            }
            BurstFigures burst = Tools.Burst(server, connections);
            string group = $"{BurstName(connections, backlog)}, {state}";
            results.Add(new(group, "p99.9 to first byte, ms", MoreIsBetter: false), peer, burst.FirstByteMs);
            results.Add(new(group, "waited a second or more for a retry", MoreIsBetter: false, HasRatio: false), peer, burst.Waited);
            results.Add(new(group, "handshakes dropped", MoreIsBetter: false, HasRatio: false, IsPlotted: false), peer, burst.Drops);
            results.Add(new(group, $"not answered in {Tools.BurstTimeout.TotalSeconds:0} s", MoreIsBetter: false, HasRatio: false), peer, burst.NotAnswered);
            results.Add(new(group, "backlog that the kernel kept", MoreIsBetter: true, HasRatio: false, IsPlotted: false), peer, burst.Backlog);
            await Task.Delay(Rest);
        }
    }

    // All servers idle at the same time, which saves five minutes for each round.
    private async Task MemoryAsync()
    {
        List<(Peer Peer, RunningPeer Server, long Since)> quiet = [];
        try
        {
            await EachAsync("memory", async peer =>
            {
                RunningPeer server = RunningPeer.Start(peer, Cap, folders);
                quiet.Add((peer, server, long.MaxValue));
                await server.AnswersAsync();
                await Task.Delay(2 * Rest);
                results.Add(new("memory", "at rest, MiB", MoreIsBetter: false), peer, server.MemoryMiB());
                Tools.Burst(server, options.Bursts[^1]);
                quiet[^1] = (peer, server, Stopwatch.GetTimestamp());
                results.Add(new("memory", string.Create(CultureInfo.InvariantCulture, $"right after a burst of {options.Bursts[^1]:N0}, MiB"),
                    MoreIsBetter: false), peer, server.MemoryMiB());
            });
            foreach ((Peer peer, RunningPeer server, long since) in quiet.Where(one => one.Since != long.MaxValue))
            {
                if (options.QuietTime - Stopwatch.GetElapsedTime(since) is { Ticks: > 0 } left) await Task.Delay(left);
                results.Add(new("memory", $"after {options.QuietTime.TotalSeconds:0} s of quiet, MiB", MoreIsBetter: false), peer, server.MemoryMiB());
            }
        }
        finally
        {
            foreach ((_, RunningPeer server, _) in quiet) await server.DisposeAsync();
        }
    }

    private static string BurstName(int connections, int? backlog) =>
        string.Create(CultureInfo.InvariantCulture, $"burst of {connections:N0}, {(backlog is null ? "each server's default backlog" : $"backlog {backlog}")}");
}
