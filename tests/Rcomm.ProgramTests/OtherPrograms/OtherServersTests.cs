using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Tests;

namespace Rcomm.ProgramTests.OtherPrograms;

/// <summary>Real servers from other projects.</summary>
public sealed class OtherServersTests
{
    private const int MaxBacklog = 4096;

    [Theory]
    [InlineData("nginx", "backlog=700;", 511)]
    [InlineData("node", "Node.js: server.listen({ port, backlog: 700 })", 511)]
    [InlineData("postgres", "PostgreSQL: max_connections", 200)]
    [InlineData("python", "request_queue_size = 700", 5)]
    public async Task The_backlog_of_a_real_server_changes_while_it_runs(string name, string permanent, int least)
    {
        await using OtherProgram server = await OtherProgram.StartAsync(name);
        int before = server.Queue()!.Backlog;
        Assert.True(before >= least, $"{name} asked for {before}");

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"backlog 700 --port {server.Port}");

        Assert.True(exitCode == 0, errors);
        Assert.Matches($@"127\.0\.0\.1:{server.Port} \(.*{name}.*, pid {server.Id}( and \d+ more)?\): backlog {before} → 700", output);
        Assert.Contains(permanent, output);
        Assert.Equal((0, 700), SocketTable.Of(ListenAddress.Parse($"127.0.0.1:{server.Port}")));
    }

    [Fact]
    public async Task Another_users_server_needs_the_capability_and_the_message_names_it()
    {
        await using OtherProgram server = await OtherProgram.StartAsync(OtherProgram.Needs("python3", "/usr/bin/python3"),
            "exec {0} -m http.server --bind 127.0.0.1 $PORT", asNobody: true);

        await using RcommProcess refused = RcommProcess.StartScript($"exec setpriv --bounding-set=-all --inh-caps=-all \"$0\" backlog 50 --port {server.Port}");
        Assert.Equal(1, await refused.ExitCodeAsync());
        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog 50 --port {server.Port}");

        Assert.Contains("CAP_SYS_PTRACE", refused.Errors);
        Assert.Equal(0, exitCode);
        Assert.Contains("backlog 5 → 50", output);
    }

    [Fact]
    public async Task An_ordinary_user_may_change_its_own_server_unless_Yama_forbids_it()
    {
        await using OtherProgram server = await OtherProgram.StartAsync(OtherProgram.Needs("python3", "/usr/bin/python3"),
            "exec {0} -m http.server --bind 127.0.0.1 $PORT", asNobody: true);
        const string asNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
        await using RcommProcess probe = RcommProcess.StartScript($"exec {asNobody} env DOTNET_BUNDLE_EXTRACT_BASE_DIR=/tmp \"$0\" --version");
        Assert.SkipWhen(await probe.ExitCodeAsync() != 0, "another user may not run the program where it was built");

        await using RcommProcess change = RcommProcess.StartScript($"exec {asNobody} \"$0\" backlog 50 --pid {server.Id}");

        int exitCode = await change.ExitCodeAsync();
        if (File.Exists("/proc/sys/kernel/yama/ptrace_scope") && File.ReadAllText("/proc/sys/kernel/yama/ptrace_scope").Trim() != "0")
        {
            Assert.Equal(1, exitCode);
            Assert.Contains("kernel.yama.ptrace_scope", change.Errors);
        }
        else
        {
            Assert.True(exitCode == 0, change.Errors);
            Assert.Contains("backlog 5 → 50", change.Output);
        }
    }

    [Fact]
    public async Task Clients_of_a_Unix_socket_see_the_servers_own_user_after_root_has_changed_its_backlog()
    {
        await using OtherProgram server = await OtherProgram.StartAsync("postgres");
        string path = $"{server.Folder}/.s.PGSQL.{server.Port}";

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"backlog 333 --unix {path}");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("→ 333", output);
        Assert.Equal(65534u, UserBehind(path));
    }

    [Fact]
    public async Task In_a_train_of_bursts_the_drops_stop_with_the_moment_in_which_the_backlog_is_raised()
    {
        Assert.SkipWhen(Cap() < MaxBacklog, $"net.core.somaxconn is {Cap()}");
        await using OtherProgram server = await OtherProgram.StartAsync("node");
        server.Signal(Signals.SIGSTOP);
        using Clients first = Clients.Connect(server.Port, 3000);
        await UntilAsync(() => server.Queue() is { Depth: 512, Drops: > 0 });

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"backlog 4096 --port {server.Port}");
        uint? dropped = server.Queue()!.Drops;
        using Clients second = Clients.Connect(server.Port, 1000);

        Assert.True(exitCode == 0, errors);
        // Dropped connections retry on their own.
        await UntilAsync(() => server.Queue()!.Depth == 4000);
        Assert.Equal(dropped, server.Queue()!.Drops);
    }

    [Fact]
    public async Task A_watch_that_grows_queues_ends_the_drops_alone_and_leaves_the_others()
    {
        Assert.SkipWhen(Cap() < MaxBacklog, $"net.core.somaxconn is {Cap()}");
        await using OtherProgram server = await OtherProgram.StartAsync("node");
        await using OtherProgram other = await OtherProgram.StartAsync("python");
        await using RcommProcess watch = RcommProcess.Start($"watch --grow --interval 20ms --only {server.Port}");
        await watch.ErrorLineAsync("Watching (listen queues: 1,");
        server.Signal(Signals.SIGSTOP);
        other.Signal(Signals.SIGSTOP);
        using Clients others = Clients.Connect(other.Port, 20);

        using Clients clients = Clients.Connect(server.Port, 3000);

        await UntilAsync(() => server.Queue()!.Depth == 3000);
        string grown = await watch.ErrorLineAsync("backlog 511 → ");
        Assert.Contains($"127.0.0.1:{server.Port} (", grown);
        Assert.InRange(server.Queue()!.Backlog, 2999, 4096);
        Assert.Equal(5, other.Queue()!.Backlog);
        string told = await watch.ErrorLineAsync("listen queue full");
        Assert.Contains($"127.0.0.1:{server.Port}", told);
        Assert.DoesNotContain($":{other.Port} ", watch.Errors);
        watch.Signal(Signals.SIGTERM);
        Assert.Equal(0, await watch.ExitCodeAsync());
    }

    [Fact]
    public async Task A_queue_never_grows_above_the_limit_that_is_set()
    {
        await using OtherProgram server = await OtherProgram.StartAsync("python");
        await using RcommProcess watch = RcommProcess.Start($"watch --grow-to 24 --interval 20ms --only {server.Port}");
        await watch.ErrorLineAsync("Watching (listen queues: 1,");
        server.Signal(Signals.SIGSTOP);

        using Clients clients = Clients.Connect(server.Port, 60);

        await UntilAsync(() => server.Queue()!.Depth == 25);
        Assert.Equal(24, server.Queue()!.Backlog);
    }

    private static int Cap() => int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!condition()) await Task.Delay(20, limit.Token);
    }

    // SO_PEERCRED of a client: the user that the kernel noted when the server called listen (unix(7)).
    private static uint UserBehind(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
        Span<uint> credentials = stackalloc uint[3];
        client.GetRawSocketOption(1, 17, MemoryMarshal.AsBytes(credentials));
        return credentials[1];
    }
}
