using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Tests;

namespace Rcomm.ProgramTests.OtherPrograms;

/// <summary>The other program is this test's own process, unless a test starts another one.</summary>
public sealed class BacklogOfOtherProgramsTests
{
    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    [Fact]
    public async Task A_running_programs_backlog_changes_at_once_and_what_waits_stays()
    {
        using TcpListener listener = Listen(5, out int port);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog 200 --port {port}");

        Assert.Equal(0, exitCode);
        Assert.Matches($@"127\.0\.0\.1:{port} \(.+, pid {Environment.ProcessId}\): backlog 5 → 200", output);
        Assert.Equal((1, 200), SocketTable.Of(ListenAddress.Parse($"127.0.0.1:{port}")));
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
    }

    [Fact]
    public async Task A_backlog_above_the_cap_is_reported_as_capped()
    {
        using TcpListener listener = Listen(5, out int port);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog {Cap + 1} --address 127.0.0.1:{port}");

        Assert.Equal(0, exitCode);
        Assert.Contains($"backlog 5 → {Cap} (requested {Cap + 1}, capped by net.core.somaxconn)", output);
    }

    [Fact]
    public async Task Max_is_the_cap()
    {
        using TcpListener listener = Listen(5, out int port);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog max --port {port} --pid {Environment.ProcessId}");

        Assert.Equal(0, exitCode);
        Assert.Contains($"backlog 5 → {Cap}", output);
        Assert.Equal((0, Cap), SocketTable.Of(ListenAddress.Parse($"127.0.0.1:{port}")));
    }

    [Fact]
    public async Task A_queue_never_shrinks_below_what_waits_unless_forced()
    {
        using TcpListener listener = Listen(5, out int port);
        using var first = new TcpClient("127.0.0.1", port);
        using var second = new TcpClient("127.0.0.1", port);

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"backlog 1 --port {port}");
        (int forcedExitCode, string forcedOutput, _) = await RcommProcess.RunAsync($"backlog 1 --port {port} --force");

        Assert.Equal(1, exitCode);
        Assert.Contains("backlog stays 5: 2 connections wait", errors);
        Assert.Equal(0, forcedExitCode);
        Assert.Contains("backlog 5 → 1", forcedOutput);
        Assert.Equal((2, 1), SocketTable.Of(ListenAddress.Parse($"127.0.0.1:{port}")));
    }

    [Fact]
    public async Task Every_socket_on_the_port_has_its_line()
    {
        using TcpListener listener = Listen(5, out int port);
        using var other = new TcpListener(IPAddress.IPv6Loopback, port);
        other.Start(6);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog 77 --port {port}");

        Assert.Equal(0, exitCode);
        Assert.Contains($"127.0.0.1:{port}", output);
        Assert.Contains($"[::1]:{port}", output);
        Assert.Equal(2, output.Split('\n').Count(line => line.EndsWith("→ 77", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("@rcomm-test-{0}", "unix:@rcomm-test-{0}")]
    [InlineData("/tmp/rcomm-test-{0}.sock", "/tmp/../tmp/rcomm-test-{0}.sock")]
    public async Task A_Unix_socket_is_found_by_its_path(string name, string written)
    {
        (name, written) = (string.Format(name, Environment.ProcessId), string.Format(written, Environment.ProcessId));
        var endPoint = new UnixDomainSocketEndPoint(name is ['@', .. var rest] ? "\0" + rest : name);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(endPoint);
        listener.Listen(5);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog 60 --unix {written}");

        File.Delete(name);
        Assert.Equal(0, exitCode);
        Assert.Contains($"unix:{name}", output);
        Assert.Contains("backlog 5 → 60", output);
    }

    [Theory]
    [InlineData("backlog 10 --port 1", 1, "Nothing listens on port 1")]
    [InlineData("backlog 10 --unix /nowhere.sock", 1, "Nothing listens on unix:/nowhere.sock")]
    [InlineData("backlog 10 --pid 999999999", 1, "process 999999999")]
    [InlineData("backlog 10 --port 0", 2, "--port=0")]
    [InlineData("backlog 10 --pid x", 2, "--pid=x")]
    [InlineData("backlog 10 --address x", 2, "--address")]
    [InlineData("backlog lots --port 80", 2, "lots")]
    [InlineData("backlog -1 --port 80", 2, "-1")]
    [InlineData("backlog auto --port 80", 2, "rcomm watch --grow")]
    [InlineData("backlog 10 --port 80 --control /run/x", 2, "--control")]
    public async Task What_cannot_be_meant_is_refused_with_the_reason(string arguments, int expected, string named)
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync(arguments);

        Assert.Equal(expected, exitCode);
        Assert.Contains(named, errors);
    }

    [Fact]
    public async Task Without_the_capability_the_message_names_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give up a capability that it has");
        using TcpListener listener = Listen(5, out int port);

        await using RcommProcess process = RcommProcess.StartScript($"exec setpriv --bounding-set=-all --inh-caps=-all \"$0\" backlog 50 --port {port}");

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.Contains("CAP_SYS_PTRACE", process.Errors);
        Assert.Equal((0, 5), SocketTable.Of(ListenAddress.Parse($"127.0.0.1:{port}")));
    }

    private static TcpListener Listen(int backlog, out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog);
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
