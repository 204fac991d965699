using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class QueuesAndDoctorTests
{
    [Fact]
    public async Task Queues_lists_the_sockets_of_any_program()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(7);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using RcommProcess queues = RcommProcess.Start($"queues --port {port}");

        Assert.Equal(0, await queues.ExitCodeAsync());
        Assert.Contains($"127.0.0.1:{port}", queues.Output);
        Assert.Contains($"pid {Environment.ProcessId}", queues.Output);
        Assert.Contains("handshakes dropped", queues.Output);
    }

    [Fact]
    public async Task A_watch_shows_peaks_and_ends_with_0_at_Ctrl_C()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(7);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using RcommProcess queues = RcommProcess.Start($"queues --watch --json --port {port}");
        await queues.OutputLineAsync("\"peakSinceBegan\":0");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await queues.OutputLineAsync("\"peakSinceBegan\":1");

        queues.Signal(Signals.SIGINT);

        Assert.Equal(0, await queues.ExitCodeAsync());
    }

    [Fact]
    public async Task The_doctor_finds_a_cap_that_is_too_low_a_port_that_is_taken_and_a_root_that_is_missing()
    {
        int cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using RcommProcess doctor = RcommProcess.Start($"doctor /missing --json --backlog {cap + 1} --port {port}");

        Assert.Equal(1, await doctor.ExitCodeAsync());
        Dictionary<string, JsonElement> findings = JsonDocument.Parse(doctor.Output).RootElement.EnumerateArray()
            .ToDictionary(finding => finding.GetProperty("name").GetString()!);
        Assert.Equal("Problem", findings["net.core.somaxconn"].GetProperty("severity").GetString());
        Assert.Contains($"sysctl -w net.core.somaxconn={cap + 1}", findings["net.core.somaxconn"].GetProperty("fix").GetString());
        Assert.Contains($"pid {Environment.ProcessId}", findings[$"127.0.0.1:{port}"].GetProperty("is").GetString());
        Assert.Equal("Problem", findings["document root /missing"].GetProperty("severity").GetString());
    }

    [Fact]
    public async Task The_doctor_counts_shards_towards_the_backlog_and_looks_at_the_admin_address()
    {
        int cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using RcommProcess doctor = RcommProcess.Start($"doctor --json --backlog {cap + 1} --shards auto --port 0 --admin 127.0.0.1:{port}");

        Assert.Equal(1, await doctor.ExitCodeAsync());
        Dictionary<string, string?> verdicts = JsonDocument.Parse(doctor.Output).RootElement.EnumerateArray()
            .ToDictionary(finding => finding.GetProperty("name").GetString()!, finding => finding.GetProperty("severity").GetString());
        Assert.NotEqual("Problem", verdicts["net.core.somaxconn"]);
        Assert.Equal("Problem", verdicts[$"127.0.0.1:{port}"]);
    }

    [Fact]
    public async Task The_doctor_is_content_with_a_configuration_that_fits()
    {
        using var site = new SampleSite();
        await using RcommProcess doctor = RcommProcess.Start($"doctor {site.Root} --backlog 1 --port 0");

        Assert.Equal(0, await doctor.ExitCodeAsync());
        Assert.Contains("net.core.somaxconn", doctor.Output);
    }
}
