using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class QueuesOptionsTests
{
    [Fact]
    public async Task A_port_nobody_listens_on_is_an_error_and_not_an_empty_table()
    {
        (int exitCode, string output, string errors) = await RcommProcess.RunAsync("queues --port 1");

        Assert.Equal(1, exitCode);
        Assert.Empty(output.Trim());
        Assert.Contains("There is no listening socket on port 1", errors);
    }

    [Fact]
    public async Task A_process_is_found_by_its_name()
    {
        using TcpListener listener = Listen(7, out int port);
        string name = File.ReadAllText("/proc/self/comm").Trim();

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"queues --process \"{name}\" --json");

        Assert.Equal(0, exitCode);
        JsonElement[] queues = [.. JsonDocument.Parse(output).RootElement.GetProperty("queues").EnumerateArray()];
        Assert.Contains(queues, queue => queue.GetProperty("address").GetString() == $"127.0.0.1:{port}");
        Assert.All(queues, queue => Assert.Contains(queue.GetProperty("processes").EnumerateArray(), owner => owner.GetProperty("name").GetString() == name));
    }

    [Fact]
    public async Task A_process_that_holds_no_socket_is_an_error()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync("queues --process no-such-program");

        Assert.Equal(1, exitCode);
        Assert.Contains("a process named no-such-program", errors);
    }

    [Theory]
    [InlineData("fill", new[] { 1, 0 })]
    [InlineData("port", new[] { 0, 1 })]
    public async Task The_order_is_the_one_that_is_asked_for(string order, int[] expected)
    {
        using TcpListener one = Listen(7, out int onePort);
        using TcpListener other = Listen(7, out int otherPort);
        int[] ports = [Math.Min(onePort, otherPort), Math.Max(onePort, otherPort)];
        using var waiting = new TcpClient("127.0.0.1", ports[1]);

        (_, string output, _) = await RcommProcess.RunAsync($"queues --sort {order} --json");

        string[] shown = [.. JsonDocument.Parse(output).RootElement.GetProperty("queues").EnumerateArray()
            .Select(queue => queue.GetProperty("address").GetString()!)];
        int[] found = [.. ports.Select(port => Array.IndexOf(shown, $"127.0.0.1:{port}"))];
        Assert.Equal(expected, found[0] < found[1] ? [0, 1] : [1, 0]);
    }

    [Fact]
    public async Task A_full_queue_is_explained_in_two_lines_and_fails_where_that_is_asked_for()
    {
        using TcpListener listener = Listen(1, out int port);
        Socket[] clients = StartConnecting(port, 6);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"queues --port {port} --explain --fail-on-drops");
        (int jsonExitCode, string json, _) = await RcommProcess.RunAsync($"queues --port {port} --json");

        Assert.Equal(1, exitCode);
        Assert.Contains($"sudo rcomm backlog 16 --port {port}", output);
        Assert.Contains("permanently", output);
        Assert.Equal(0, jsonExitCode);
        JsonElement queue = Assert.Single(JsonDocument.Parse(json).RootElement.GetProperty("queues").EnumerateArray());
        Assert.True(queue.GetProperty("turnedAway").GetInt64() > 0);
        foreach (Socket client in clients) client.Dispose();
    }

    [Fact]
    public async Task A_watch_that_fails_on_drops_ends_with_the_first()
    {
        using TcpListener listener = Listen(1, out int port);
        await using RcommProcess watch = RcommProcess.Start($"queues --watch --json --interval 20ms --fail-on-drops --port {port}");
        await watch.OutputLineAsync("\"peakSinceBegan\":0");

        Socket[] clients = StartConnecting(port, 6);

        Assert.Equal(1, await watch.ExitCodeAsync());
        foreach (Socket client in clients) client.Dispose();
    }

    [Fact]
    public async Task An_interval_without_a_watch_counts_what_happens_in_it()
    {
        using TcpListener listener = Listen(1, out int port);
        Socket[] clients = StartConnecting(port, 2);

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"queues --json --interval 50ms --fail-on-drops --port {port}");

        Assert.Equal(0, exitCode);
        Assert.Contains("\"dropsSinceBegan\":0", output);
        foreach (Socket client in clients) client.Dispose();
    }

    private static TcpListener Listen(int backlog, out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog);
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }

    private static Socket[] StartConnecting(int port, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // The connect continues in the kernel.
        }
        return socket;
    })];
}
