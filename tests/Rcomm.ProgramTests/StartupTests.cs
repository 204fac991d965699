using System.Net.Sockets;

namespace Rcomm.ProgramTests;

public sealed class StartupTests : IDisposable
{
    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    private readonly SampleSite _site = new();

    [Theory]
    [InlineData("", "128")]
    [InlineData("RCOMM_BACKLOG=0", "0")]
    [InlineData("RCOMM_BACKLOG=1", "1")]
    [InlineData("RCOMM_BACKLOG=1000", "1000")]
    [InlineData("RCOMM_BACKLOG=", "128")]
    public async Task The_backlog_of_the_environment_is_the_one_that_listens(string setting, string backlog)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, setting == "" ? [] : [setting]);

        Assert.Equal($"Listening on 127.0.0.1:{server.Port} (backlog: {backlog})", await server.ListeningLineAsync());
        Assert.DoesNotContain("warning", server.Errors);
    }

    [Fact]
    public async Task A_backlog_above_the_cap_is_said_to_be_capped()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, $"RCOMM_BACKLOG={Cap + 1}");

        Assert.Equal(
            $"Listening on 127.0.0.1:{server.Port} (backlog: {Cap}, requested {Cap + 1}, capped by net.core.somaxconn)",
            await server.ListeningLineAsync());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("2147483648")]
    public async Task A_backlog_in_the_environment_that_is_none_is_a_warning_and_the_default_is_used(string value)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, $"RCOMM_BACKLOG={value}");

        Assert.EndsWith("(backlog: 128)", await server.ListeningLineAsync());
        Assert.Contains($"RCOMM_BACKLOG=\"{value}\"", await server.ErrorLineAsync("warning: "));
        await server.ErrorLineAsync("port = 0");
        Assert.DoesNotContain("backlog =", server.Errors);
    }

    [Fact]
    public async Task Flags_win_over_the_environment_and_that_over_the_file_and_each_is_named()
    {
        File.WriteAllText(Path.Combine(_site.Folder, "rcomm.json"), """
            {
              // comments are allowed
              "backlog": 30,
              "shutdownTimeout": "7s",
              "listen": ["127.0.0.1:0", "[::1]:0"],
              "documentRoot": "root",
            }
            """);
        await using RcommProcess server = RcommProcess.Start("--backlog 10", _site.Folder, ["RCOMM_BACKLOG=20", "RCOMM_SHUTDOWN_TIMEOUT=9s"]);

        await server.OutputLineAsync("Listening on [::1]:");
        Assert.EndsWith("(backlog: 10)", await server.ListeningLineAsync());
        await server.ErrorLineAsync("backlog = 10 (from --backlog)");
        await server.ErrorLineAsync("shutdown-timeout = 9s (from RCOMM_SHUTDOWN_TIMEOUT)");
        await server.ErrorLineAsync("document-root = root (from documentRoot in rcomm.json)");
    }

    [Fact]
    public async Task An_unknown_variable_is_a_warning_with_the_nearest_name()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, "RCOMM_BACKLOGS=5");

        Assert.Contains("RCOMM_BACKLOGS isn't an rcomm setting", await server.ErrorLineAsync("Did you mean RCOMM_BACKLOG?"));
    }

    [Theory]
    [InlineData("RCOMM_LISTEN=127.0.0.1:0")]
    [InlineData("RCOMM_ADDRESS=127.0.0.1")]
    public async Task Service_links_of_Kubernetes_are_ignored_with_a_line(string setting)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(
            _site.Root, setting, "RCOMM_PORT=tcp://10.96.0.9:80", "RCOMM_PORT_80_TCP=tcp://10.96.0.9:80", "RCOMM_PORT_80_TCP_ADDR=10.96.0.9",
            "RCOMM_SERVICE_HOST=10.96.0.9", "RCOMM_SERVICE_PORT=80");

        await server.ErrorLineAsync("RCOMM_PORT=tcp://10.96.0.9:80 and 4 more variables are ignored");
        Assert.DoesNotContain("RCOMM_SERVICE", server.Errors);
    }

    [Fact]
    public async Task A_port_that_another_setting_overrides_is_a_warning()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, "RCOMM_LISTEN=127.0.0.1:0");

        await server.ErrorLineAsync("--port=0 has no effect, because RCOMM_LISTEN sets the addresses.");
    }

    [Fact]
    public async Task Several_addresses_are_served_at_once()
    {
        string path = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = RcommProcess.Start(_site.Root, $"RCOMM_LISTEN=127.0.0.1:0,[::1]:0,unix:{path}");

        await server.OutputLineAsync("Listening on [::1]:");
        Assert.Equal($"Listening on unix:{path} (backlog: 128)", await server.OutputLineAsync("Listening on unix:"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await socket.SendAsync("GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.EndsWith("<h1>howdy</h1>", await RcommProcess.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task Localhost_gets_one_port_on_both_loopbacks()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --address localhost");

        await server.OutputLineAsync($"Listening on [::1]:{server.Port} ");
    }

    [Fact]
    public async Task A_second_server_on_the_same_port_fails_and_says_who_holds_it()
    {
        await using RcommProcess first = await RcommProcess.ServeAsync(_site.Root);
        await using RcommProcess second = RcommProcess.Start($"{_site.Root} --port {first.Port}");

        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains("EADDRINUSE", second.Errors);
        Assert.Contains($"--port={first.Port}", second.Errors);
        Assert.Contains($"rcomm (pid {first.Id})", second.Errors);
        Assert.DoesNotContain("   at ", second.Errors);
    }

    [Theory]
    [InlineData("--version", @"^\d+\.\d+\.\d+")]
    [InlineData("--help", "--backlog")]
    [InlineData("serve --help", "--help-all")]
    [InlineData("--help-all", "--shutdown-timeout")]
    [InlineData("help serve", "rcomm serve ")]
    [InlineData("version", @"^\d+\.\d+\.\d+")]
    [InlineData("-V", @"^\d+\.\d+\.\d+")]
    public async Task Help_and_version_answer_and_end_with_0(string arguments, string expected)
    {
        await using RcommProcess process = RcommProcess.Start(arguments);

        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Matches(expected, process.Output);
    }

    [Fact]
    public async Task A_folder_that_could_be_a_command_is_not_served_by_mistake()
    {
        Directory.CreateDirectory(Path.Combine(_site.Folder, "queue"));
        await using RcommProcess process = RcommProcess.Start("queue", _site.Folder, []);

        Assert.Equal(2, await process.ExitCodeAsync());
        Assert.Contains("Unknown command \"queue\". Did you mean \"queues\"? To serve the folder, write ./queue or rcomm serve queue.", process.Errors);
    }

    [Fact]
    public async Task A_folder_without_pages_is_told_how_to_serve_it()
    {
        await using RcommProcess process = RcommProcess.Start("", _site.Folder, []);

        Assert.Equal(2, await process.ExitCodeAsync());
        Assert.Contains("`rcomm .` serves this folder", process.Errors);
    }

    [Fact]
    public async Task Each_request_has_a_line_in_the_access_log()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root);
        await server.RawAsync("GET /howdy?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Matches(@"^\S+Z 127\.0\.0\.1 GET /howdy\?a=b 200 14 [0-9.]+ms$", await server.OutputLineAsync("GET /howdy"));
    }

    [Fact]
    public async Task The_access_log_can_be_turned_off()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --access-log off");
        await server.RawAsync("GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        server.Signal(15);

        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.DoesNotContain("GET /howdy", server.Output);
    }

    public void Dispose() => _site.Dispose();
}
