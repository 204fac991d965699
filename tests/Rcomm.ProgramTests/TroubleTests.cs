using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Rcomm.ProgramTests;

/// <summary>Problems of the machine or the operator must not lose connections that the kernel has accepted.</summary>
public sealed class TroubleTests : IDisposable
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private readonly SampleSite _site = new();

    [Theory]
    [InlineData("accept4")]
    [InlineData("io_uring")]
    public async Task At_the_file_limit_connections_wait_in_the_queue_and_are_answered_when_descriptors_are_free(string method)
    {
        AcceptMethodTests.SkipWithout(method);
        await using RcommProcess server = RcommProcess.StartInShell("ulimit -n 300", $"serve {_site.Root} --port 0 --backlog 1024 --accept {method}");
        await server.ListeningLineAsync();
        // Connections are accepted and kept open until no descriptor is left; the others wait.
        List<Socket> clients = [];
        for (int i = 0; i < 400; i++) clients.Add(await server.ConnectAsync());
        await server.ErrorLineAsync("accepting paused: this process has reached its limit of file descriptors (EMFILE");
        TimeSpan before = server.ProcessorTime;
        var since = Stopwatch.StartNew();

        string stall = await server.ErrorLineAsync("out of file descriptors or memory; raise LimitNOFILE= or ulimit -n");
        Assert.Contains("connections wait and none were accepted for", stall);
        // Two seconds or more at the limit: a loop that spins would have used that much CPU time.
        Assert.InRange((server.ProcessorTime - before).TotalSeconds, 0, Math.Max(1, since.Elapsed.TotalSeconds / 2));

        foreach (Socket client in clients)
        {
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(Request));
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        await server.ErrorLineAsync("accepting again after");
        // There is a line where a pause begins and where it ends, and none for each attempt meanwhile.
        string errors = server.Errors;
        Assert.InRange(errors.Split("accepting paused").Length - errors.Split("accepting again after").Length, 0, 1);
    }

    [Fact]
    public async Task A_paused_process_answers_afterwards_what_its_backlog_held()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --backlog 300");
        await server.PauseAsync();
        List<Socket> clients = [];
        for (int i = 0; i < 300; i++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[i].SendAsync(System.Text.Encoding.ASCII.GetBytes(Request));
        }

        server.Resume();

        foreach (Socket client in clients)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        Assert.DoesNotContain("listen queue full", server.Errors);
    }

    [Fact]
    public async Task A_full_disk_under_the_access_log_keeps_nobody_from_being_answered()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        string socket = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = RcommProcess.StartInShell("exec >/dev/full", $"serve {_site.Root} --listen unix:{socket}");
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await client.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(client, ownsSocket: true);
            },
        });
        await server.ErrorLineAsync("document-root = ");

        for (int i = 0; i < 50; i++) Assert.Equal("<h1>home</h1>", await http.GetStringAsync("http://x/"));

        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task A_document_root_may_vanish_and_come_back()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        string elsewhere = _site.Root + "-moved";
        Directory.Move(_site.Root, elsewhere);
        Assert.StartsWith("HTTP/1.1 404", await server.RawAsync(Request));

        Directory.Move(elsewhere, _site.Root);

        Assert.EndsWith("<h1>home</h1>", await server.RawAsync(Request));
    }

    [Fact]
    public async Task A_burst_larger_than_the_kernels_cap_is_held_by_shards()
    {
        int cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture);
        Assert.SkipUnless(cap <= 4096, "net.core.somaxconn is so large that this test would need too many descriptors");
        int burst = cap + cap / 4;
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --backlog {burst} --shards auto --access-log off");
        await server.PauseAsync();
        List<Socket> clients = [];
        for (int i = 0; i < burst; i++) clients.Add(await server.ConnectAsync());

        server.Resume();

        foreach (Socket client in clients) await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(Request));
        foreach (Socket client in clients)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        Assert.DoesNotContain("dropped", server.Errors);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(50)]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(220)]
    public async Task A_limit_of_open_files_that_is_too_low_stops_the_start_and_is_said_to_be(int limit)
    {
        await using RcommProcess server = RcommProcess.StartInShell($"ulimit -n {limit}", $"serve {_site.Root} --port 0");

        int exitCode = await server.ExitCodeAsync();

        Assert.Equal((1, ""), (exitCode, server.Output));
        Assert.Contains("The limit of open files is", server.Errors, StringComparison.Ordinal);
        Assert.Contains("Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.", server.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!condition()) await Task.Delay(10, limit.Token);
    }
}
