using System.Net;
using System.Net.Sockets;

namespace Rcomm.Soak;

/// <summary>The steps of the test, in their order.</summary>
internal static class Steps
{
    private const int TakeoverGate = 20;
    private const long MemoryLimit = 128 << 20;
    private const int PidsLimit = 48;

    private static readonly TimeSpan SignalInterval = TimeSpan.FromMilliseconds(200);
    // Longer than the 10 s in which a takeover usually ends.
    private static readonly TimeSpan StoppedTime = TimeSpan.FromSeconds(12);
    private static readonly byte[] LargeRequest = System.Text.Encoding.ASCII.GetBytes($"GET /{Site.LargePage} HTTP/1.1\r\nHost: x\r\n\r\n");
    private static readonly byte[] HalfRequest = "GET / HTTP/1.1\r\nH:"u8.ToArray();

    public static IEnumerable<Step> All(Site site) => Settings(site).Concat(Processes(site)).Concat(Limits(site)).Concat(Outputs(site));

    private static IEnumerable<Step> Settings(Site site)
    {
        string[] backlogs = ["64", "4096", "auto", "1000", "max"];
        yield return new("steady load", _ => Task.Delay(100));
        yield return new("trains of bursts", _ => Task.Delay(100)) { Burst = ["--train", "6x3000/250ms"] };
        yield return new("backlog resized, again and again", async i => await site.RunAsync("backlog", backlogs[i % backlogs.Length]),
            After: () => site.RunAsync("backlog", "4096"));
        yield return new("settings read again (SIGHUP), every second file broken", async i =>
        {
            site.WriteSettings(i % 2 == 0 ? "{ \"backlog\": \"lots\" }"u8 : System.Text.Encoding.UTF8.GetBytes($"{{ \"backlog\": {3000 + i} }}"));
            site.Signal(Site.SIGHUP);
            await Task.Delay(SignalInterval);
        }, After: site.RestoreSettingsAsync);
        yield return new("mutated settings (SIGHUP): broken, null, duplicates, NUL, lone surrogates", async i =>
        {
            site.WriteSettings(BrokenSettings.At(i));
            await site.ReloadOnSignalAsync();
        }, After: site.RestoreSettingsAsync) { Times = 100 };
    }

    private static IEnumerable<Step> Processes(Site site)
    {
        yield return new($"takeover by new processes, {TakeoverGate} times or more in a row", _ => site.TakeOverAsync()) { Times = TakeoverGate };
        yield return new("taken over with another backlog and shards, and back",
            i => site.TakeOverAsync(i % 2 == 0 ? "--backlog 2000 --shards 3" : "--backlog 4096"));
        yield return new("the old server stopped by SIGSTOP in the middle of a takeover, then continued", _ => site.TakeOverFromStoppedAsync(StoppedTime));
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
    }

    private static IEnumerable<Step> Limits(Site site)
    {
        yield return new("at its limit of 300 open files", _ => OccupyAsync(site, 200, []), () => site.TakeOverAsync(shell: "ulimit -n 300"),
            () => site.TakeOverAsync());
        yield return new("at its limit of 5 connections", _ => Task.Delay(100), () => site.TakeOverAsync("--max-connections 5"), () => site.TakeOverAsync());
        yield return new("2,000 clients that don't read their answers of 4 MB", _ => ReadSlowlyAsync(site, 2000));
        yield return InGroup(site, "memory", $"at a memory limit of {MemoryLimit >> 20} MiB, with 16,000 half-sent requests",
            _ => OccupyAsync(site, 16_000, HalfRequest), async group =>
        {
            group.Limit(MemoryLimit);
            await site.TakeOverAsync(shell: group.Join);
        });
        yield return InGroup(site, "pids", $"at a limit of {PidsLimit} processes and threads", _ => OccupyAsync(site, 200, HalfRequest), async group =>
        {
            group.Limit(PidsLimit);
            await site.TakeOverAsync(shell: group.Join);
        });
    }

    private static IEnumerable<Step> Outputs(Site site)
    {
        yield return new("nobody reads its outputs (both are full FIFOs): taken over, reloaded, restarted", async i =>
        {
            site.WriteSettings(BrokenSettings.At(i));
            for (int signals = 0; signals < 5; signals++)
            {
                site.Signal(Site.SIGHUP);
                await Task.Delay(SignalInterval);
            }
            site.RestoreSettings();
            await (i % 2 == 0 ? site.TakeOverAsync(Site.AccessLog, outputsAreRead: false) : site.RestartAsync(Site.AccessLog, outputsAreRead: false));
        }, () => site.TakeOverAsync(Site.AccessLog, outputsAreRead: false), () => site.TakeOverAsync()) { Times = 2 };
    }

    private static Step InGroup(Site site, string controller, string name, Func<int, Task> once, Func<ControlGroup, Task> before) =>
        ControlGroup.TryCreate(controller, out string why) is not { } group
            ? new Step(name, once) { Skipped = why }
            : new Step(name, once, () => before(group), async () =>
        {
            await site.TakeOverAsync();
            group.Remove();
        });

    // Clients that request a large page and read none of it.
    private static Task ReadSlowlyAsync(Site site, int clients) => OccupyAsync(site, clients, LargeRequest, receiveBuffer: 2048);

    // Idle clients hold descriptors and memory until others have to wait.
    private static async Task OccupyAsync(Site site, int clients, byte[] request, int? receiveBuffer = null)
    {
        List<Socket> idle = [];
        for (int i = 0; i < clients; i++)
        {
            idle.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            if (receiveBuffer is { } size) idle[i].ReceiveBufferSize = size;
            await idle[i].ConnectAsync(IPAddress.Loopback, site.Port);
            await idle[i].SendAsync(request);
        }
        await Task.Delay(1500);
        foreach (Socket socket in idle) socket.Dispose();
        await Task.Delay(1500);
    }
}
