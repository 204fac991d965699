using System.Diagnostics;
using System.Text.Json;

namespace Rcomm.ProgramTests.OtherPrograms;

/// <summary>Two network namespaces represent two containers; a server in each listens on the same port.</summary>
public sealed class NamespaceTests
{
    // It fills its own queue when it reads a line.
    private const string Server = """
        import socket, sys
        listener = socket.socket()
        listener.bind(('127.0.0.1', 8080))
        listener.listen(5)
        print('ready', flush=True)
        clients = []
        for line in sys.stdin:
            for _ in range(40):
                client = socket.socket()
                client.setblocking(False)
                clients.append(client)
                client.connect_ex(('127.0.0.1', 8080))
            print('filled', flush=True)
        """;

    [Fact]
    public async Task Queues_of_every_namespace_are_listed_and_each_is_named()
    {
        using Process one = await StartAsync(), other = await StartAsync();

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync("queues --all-namespaces --json --port 8080");

        Assert.True(exitCode == 0, errors);
        Dictionary<int, ulong> found = JsonDocument.Parse(output).RootElement.GetProperty("queues").EnumerateArray()
            .Where(queue => queue.TryGetProperty("networkNamespace", out _) && queue.GetProperty("processes").GetArrayLength() > 0)
            .ToDictionary(queue => queue.GetProperty("processes")[0].GetProperty("id").GetInt32(), queue => queue.GetProperty("networkNamespace").GetUInt64());
        Assert.NotEqual(found[one.Id], found[other.Id]);
        await EndAsync(one, other);
    }

    [Fact]
    public async Task The_backlog_in_another_namespace_is_changed_by_the_process_id()
    {
        using Process one = await StartAsync(), other = await StartAsync();

        (int refused, _, string hint) = await RcommProcess.RunAsync("backlog 99 --address 127.0.0.1:8080");
        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"backlog 99 --pid {one.Id} --port 8080");

        Assert.Equal(1, refused);
        Assert.Contains("does in another: add --pid ", hint);

        Assert.True(exitCode == 0, errors);
        Assert.Contains("backlog 5 → 99", output);
        (_, string listed, _) = await RcommProcess.RunAsync("queues --all-namespaces --json --port 8080");
        Dictionary<int, int> backlogs = JsonDocument.Parse(listed).RootElement.GetProperty("queues").EnumerateArray()
            .Where(queue => queue.GetProperty("processes").GetArrayLength() > 0)
            .ToDictionary(queue => queue.GetProperty("processes")[0].GetProperty("id").GetInt32(), queue => queue.GetProperty("backlog").GetInt32());
        Assert.Equal((99, 5), (backlogs[one.Id], backlogs[other.Id]));
        await EndAsync(one, other);
    }

    [Fact]
    public async Task A_watch_sees_the_namespace_that_comes_later_and_tells_which_queue_overflows()
    {
        using Process one = await StartAsync();
        await using RcommProcess watch = RcommProcess.Start("watch --all-namespaces --interval 50ms --admin 127.0.0.1:0 --only 8080");
        string admin = await watch.ErrorLineAsync("Admin pages at ");
        using var http = new HttpClient { BaseAddress = new Uri(admin[admin.IndexOf("http", StringComparison.Ordinal)..]) };
        await watch.ErrorLineAsync("Watching ");
        using Process later = await StartAsync();
        await OtherServersTests.UntilAsync(() => Queues(http).Any(queue => queue.GetProperty("pid").GetInt32() == later.Id));

        await later.StandardInput.WriteLineAsync("fill");

        string told = await watch.ErrorLineAsync("listen queue full");
        Assert.Contains($"pid {later.Id}", told);
        Assert.Contains($"rcomm backlog", told);
        Assert.Contains($"--port 8080 --pid {later.Id}", told);
        Assert.Equal("ok\n", await http.GetStringAsync("healthz"));
        Assert.Contains("<title>", await http.GetStringAsync("/"));
        string metrics = await http.GetStringAsync("metrics");
        Assert.Matches(
            @"rcomm_host_listen_queue_overflows_total\{[^}]*" +
            """rcomm_network_namespace="\d+",server_address="127\.0\.0\.1",server_port="8080"\} [1-9]""", metrics);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync("nothing")).StatusCode);
        JsonElement overflowed = Queues(http).Single(queue => queue.GetProperty("pid").GetInt32() == later.Id);
        Assert.True(overflowed.GetProperty("overflows").GetInt64() > 0);
        Assert.Contains("sudo rcomm backlog", overflowed.GetProperty("now").GetString());
        await EndAsync(one, later);
    }

    private static List<JsonElement> Queues(HttpClient http) =>
        [.. JsonDocument.Parse(http.GetStringAsync("queues.json").GetAwaiter().GetResult()).RootElement.GetProperty("queues").EnumerateArray()
            .Where(queue => queue.TryGetProperty("pid", out _))];

    private static async Task<Process> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make a network namespace");
        string python = OtherProgram.Needs("python3", "/usr/bin/python3");
        OtherProgram.Needs("ip (iproute2)", "/usr/sbin/ip", "/sbin/ip", "/bin/ip", "/usr/bin/ip");
        using Process probe = Process.Start(new ProcessStartInfo("unshare", ["--net", "true"]) { RedirectStandardError = true })!;
        await probe.WaitForExitAsync();
        Assert.SkipWhen(probe.ExitCode != 0, "this system does not let root make a network namespace");
        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", "ip link set lo up && exec \"$0\" -c \"$1\"", python, Server])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        return process;
    }

    // It ends at the end of its input.
    private static async Task EndAsync(params Process[] processes)
    {
        foreach (Process process in processes)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }
}
