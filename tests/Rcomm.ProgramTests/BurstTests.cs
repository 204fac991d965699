using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class BurstTests(ServedSite served) : IClassFixture<ServedSite>
{
    [Fact]
    public async Task A_burst_that_is_answered_ends_with_0_and_says_so()
    {
        await using RcommProcess burst = RcommProcess.Start($"burst {served.Server.Url} --connections 50 --timeout 1m");

        Assert.Equal(0, await burst.ExitCodeAsync());
        Assert.Contains("All 50 connections were answered.", burst.Output);
        Assert.Contains("No handshake was dropped.", burst.Output);
        Assert.Contains($"Listen queue of rcomm (pid {served.Server.Id})", burst.Output);
        Assert.Contains("p99.9", burst.Output);
        // There is no progress bar without a terminal.
        Assert.Equal("", burst.Errors);
        Assert.DoesNotContain('\e', burst.Output);
    }

    [Theory]
    [InlineData("--allow 99.9%", 1)]
    [InlineData("--allow 100%", 0)]
    public async Task A_burst_that_is_not_answered_ends_with_1_unless_that_is_allowed(string allow, int exitCode)
    {
        await using RcommProcess burst = RcommProcess.Start($"burst {served.Server.Url}missing --connections 20 --timeout 1m {allow}");

        Assert.Equal(exitCode, await burst.ExitCodeAsync());
        Assert.Contains("All 20 connections were answered with an unexpected status", burst.Output);
    }

    [Fact]
    public async Task Json_holds_every_connection_and_the_listen_queue_it_met()
    {
        const int Connections = 20, Backlog = 5, Held = Backlog + 1;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(Backlog);
        await using RcommProcess burst =
            RcommProcess.Start($"burst {UrlOf(listener)} --connections {Connections} --connect-only --timeout 1500ms --threads 1 --json");

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Equal("", burst.Errors);
        JsonElement report = JsonDocument.Parse(burst.Output).RootElement;
        Assert.Equal(["format", "rcomm", "host", "burst", "listenQueue"], Names(report));
        JsonElement run = report.GetProperty("burst"), queue = report.GetProperty("listenQueue"), summary = run.GetProperty("summary");
        Assert.Equal(["startedAt", "durationMs", "interrupted", "parameters", "summary", "connections"], Names(run));
        Assert.Equal(["outcomes", "connect"], Names(summary).Intersect(["outcomes", "connect", "firstByte"]));
        Assert.Equal(
            [("answered", Held), ("timedOutConnecting", Connections - Held)],
            summary.GetProperty("outcomes").EnumerateArray()
                .Select(count => (count.GetProperty("outcome").GetString(), count.GetProperty("count").GetInt32())));
        JsonElement connection = run.GetProperty("connections").EnumerateArray().First(one => one.GetProperty("outcome").GetString() == "answered");
        Assert.Equal(["round", "meantUs", "openedUs", "connectedUs", "endedUs", "synRetransmits", "retransmits", "outcome"], Names(connection));
        Assert.Equal(Connections, run.GetProperty("connections").GetArrayLength());

        Assert.Equal((Backlog, 0, Held, Held),
            (Number(queue, "backlog"), Number(queue, "depthBefore"), Number(queue, "depthPeak"), Number(queue, "depthAfter")));
        // The kernel dropped every SYN that didn't get into the queue, including retries.
        Assert.InRange(Number(summary, "synRetransmits"), Connections - Held, int.MaxValue);
        Assert.Equal(Connections - Held + Number(summary, "synRetransmits"), Number(queue, "drops"));
        Assert.NotEmpty(queue.GetProperty("samples").EnumerateArray());
    }

    [Fact]
    public async Task The_page_is_written_and_two_results_are_compared()
    {
        using var site = new SampleSite();
        string page = Path.Combine(site.Folder, "report.html"), first = Path.Combine(site.Folder, "first.json"), second =
            Path.Combine(site.Folder, "second.json");
        foreach (string file in (string[])[first, second])
        {
            await using RcommProcess burst = RcommProcess.Start($"burst {served.Server.Url} --connections 20 --timeout 1m --json --html {page}");
            Assert.Equal(0, await burst.ExitCodeAsync());
            File.WriteAllText(file, burst.Output);
        }
        await using RcommProcess comparison = RcommProcess.Start($"burst --compare {first} {second}");

        Assert.Equal(0, await comparison.ExitCodeAsync());
        Assert.Contains("first byte, p50", comparison.Output);
        Assert.Contains("All 20 connections were answered.", File.ReadAllText(page));
    }

    [Theory]
    [InlineData(1)]
    // timeout(1) signals the process and its group.
    [InlineData(2)]
    public async Task Ctrl_C_ends_a_burst_with_the_report_so_far(int signals)
    {
        const int Connections = 30;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(Connections);
        await using RcommProcess burst = RcommProcess.Start($"burst {UrlOf(listener)} --connections {Connections} --timeout 1m");
        List<Socket> clients = [];
        while (clients.Count < Connections) clients.Add(await listener.AcceptSocketAsync().WaitAsync(RcommProcess.WaitTimeout));

        for (int i = 0; i < signals; i++) burst.Signal(Signals.SIGINT);

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("The run was stopped early", burst.Output);
        Assert.Contains($"All {Connections} connections were unfinished", burst.Output);
        foreach (Socket client in clients) client.Dispose();
    }

    private static string UrlOf(TcpListener listener) => $"http://{listener.LocalEndpoint}/";

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
