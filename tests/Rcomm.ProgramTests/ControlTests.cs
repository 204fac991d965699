using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class ControlTests : ControlTestBase
{
    [Fact]
    public async Task A_running_server_is_found_without_its_control_socket_being_named()
    {
        string runtime = $"XDG_RUNTIME_DIR={_site.Folder}";
        await using RcommProcess first = await RcommProcess.ServeAsync(_site.Root, runtime);
        string socket = Path.Combine(_site.Folder, "rcomm", $"{first.Id}.sock");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        await using (RcommProcess status = RcommProcess.Start("status", _site.Folder, [runtime]))
        {
            Assert.Equal(0, await status.ExitCodeAsync());
            Assert.Contains($"process {first.Id}", status.Output);
        }
        await using (RcommProcess second = await RcommProcess.ServeAsync(_site.Root, runtime))
        await using (RcommProcess status = RcommProcess.Start("status", _site.Folder, [runtime]))
        {
            Assert.Equal(2, await status.ExitCodeAsync());
            Assert.Contains("2 servers are running.", status.Errors);
            Assert.Contains(socket, status.Errors);
            Assert.Contains($"process {second.Id}, 127.0.0.1:{second.Port}", status.Errors);
        }
        await using RcommProcess drain = RcommProcess.Start("drain --wait", _site.Folder, [runtime]);

        Assert.Equal(0, await drain.ExitCodeAsync());
        Assert.Equal(0, await first.ExitCodeAsync());
        Assert.False(Path.Exists(socket));
    }

    [Fact]
    public async Task The_backlog_of_a_running_server_changes_by_command_and_is_logged_as_at_the_start()
    {
        await using RcommProcess server = await ServeAsync("--backlog 100");

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"backlog 300 --control {Control}");

        string line = $"Listening on 127.0.0.1:{server.Port} (backlog: 300)";
        Assert.Equal((0, $"Listening on 127.0.0.1:{server.Port} (backlog: 300), was 100"), (exitCode, output));
        await server.ErrorLineAsync(line);
        Assert.Equal(300, await BacklogOfAsync(server.Port));
    }

    [Fact]
    public async Task A_backlog_that_is_none_is_refused_before_the_server_is_asked()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"backlog lots --control {Control}");

        Assert.Equal(2, exitCode);
        Assert.Contains("from 0 to 2147483647", errors);
    }

    [Fact]
    public async Task Status_tells_of_the_queues_in_words_and_in_JSON()
    {
        await using RcommProcess server = await ServeAsync("--backlog 77 --shards 2");

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"status --control {Control}");
        (_, string json, _) = await RcommProcess.RunAsync($"status --json --control {Control}");

        Assert.Equal(0, exitCode);
        Assert.Contains($"process {server.Id}", output);
        Assert.Contains($"127.0.0.1:{server.Port}, 2 shards: 0 of 154 waiting", output);
        Assert.Contains($"127.0.0.1:{server.Port} shard 2 of 2: 0 of 77 waiting", output);
        JsonElement status = JsonDocument.Parse(json).RootElement;
        Assert.Equal(server.Id, status.GetProperty("process").GetInt32());
        Assert.Equal(154, status.GetProperty("sharedAddresses")[0].GetProperty("backlog").GetInt32());
    }

    [Fact]
    public async Task Drain_ends_the_server_as_SIGTERM_does()
    {
        await using RcommProcess server = await ServeAsync("");

        (int exitCode, _, _) = await RcommProcess.RunAsync($"drain --control {Control}");

        Assert.Equal(0, exitCode);
        await server.ErrorLineAsync("drain: draining the listen queues");
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.False(File.Exists(Control));
    }

    [Fact]
    public async Task Drain_can_wait_until_the_server_has_ended()
    {
        await using RcommProcess server = await ServeAsync("--drain-delay 500ms");

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"drain --wait --control {Control}");

        Assert.Equal(0, exitCode);
        Assert.EndsWith("The server has stopped.", output);
        Assert.False(File.Exists(Control));
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task Nobody_at_the_control_socket_is_an_error_that_says_what_to_do()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"status --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"rcomm: {Control}: there is no such control socket. Leave --control out", errors);
    }

    [Fact]
    public async Task Where_no_server_is_named_and_none_runs_that_is_an_error_that_says_how_to_name_one()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync("status");

        bool hasSockets = Directory.Exists("/run/rcomm") && Directory.GetFiles("/run/rcomm", "*.sock").Length > 0;
        Assert.SkipWhen(hasSockets && (exitCode == 0 || errors.Contains("Which server?", StringComparison.Ordinal)), "a server of this machine runs");
        Assert.Equal(2, exitCode);
        Assert.Contains("--control PATH, or RCOMM_CONTROL", errors);
    }

    [Fact]
    public async Task A_control_socket_that_is_served_already_stops_a_second_server()
    {
        await using RcommProcess server = await ServeAsync("");

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port 0 --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains(Control, errors);
        Assert.Contains($"rcomm (pid {server.Id})", errors);
        Assert.Equal(0, (await RcommProcess.RunAsync($"status --control {Control}")).ExitCode);
    }

    [Fact]
    public async Task A_control_socket_in_a_folder_that_is_not_there_is_a_sentence()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port 0 --control {_site.Folder}/nowhere/control");

        Assert.Equal(1, exitCode);
        Assert.Contains("nowhere/control", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Fact]
    public async Task A_server_that_was_killed_leaves_a_control_socket_that_the_next_one_replaces()
    {
        await using (RcommProcess server = await ServeAsync("")) server.Signal(Signals.SIGKILL);
        Assert.True(File.Exists(Control));

        await using RcommProcess next = await ServeAsync("");

        Assert.Equal(0, (await RcommProcess.RunAsync($"status --control {Control}")).ExitCode);
    }

    [Fact]
    public async Task Only_its_own_user_may_connect_to_the_control_socket()
    {
        await using RcommProcess server = await ServeAsync("");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Control));
    }

    [Fact]
    public async Task Another_user_is_refused_even_where_the_file_lets_it_in()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can become another user");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv (util-linux) is not installed");
        await using RcommProcess server = await ServeAsync("");
        File.SetUnixFileMode(_site.Folder, (UnixFileMode)0x1FF);
        File.SetUnixFileMode(Control, (UnixFileMode)0x1FF);

        using var asking = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "setpriv", ["--reuid", "65534", "--clear-groups", Path.Combine(AppContext.BaseDirectory, "rcomm"), "status", "--control", Control])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = await asking.StandardError.ReadToEndAsync();
        await asking.WaitForExitAsync();

        Assert.SkipWhen(errors.Contains("failed to execute", StringComparison.Ordinal), "the other user may not read the program's folder");
        Assert.Equal(1, asking.ExitCode);
        Assert.Contains("User 65534 may not control this server", errors);
    }

    [Fact]
    public async Task A_peer_of_another_version_is_told_so()
    {
        await using RcommProcess server = await ServeAsync("");

        // Its message kinds may be unknown to us.
        string answer = await AskAsync("{\"version\":99,\"kind\":\"Unheard\"}");

        Assert.Contains("\"Refused\"", answer);
        Assert.Contains("uses version 1 of the control protocol, the client uses 99", answer);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\0\0\0\u0004nope")]
    [InlineData("")]
    public async Task Whoever_speaks_something_else_is_hung_up_on_and_the_server_goes_on(string bytes)
    {
        await using RcommProcess server = await ServeAsync("");
        using (Socket socket = Connect())
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
            socket.Shutdown(SocketShutdown.Send);
            try
            {
                Assert.Equal("", await RcommProcess.ReadToEndAsync(socket));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // Closing with unread bytes sends a reset.
            }
        }

        Assert.Equal(0, (await RcommProcess.RunAsync($"status --control {Control}")).ExitCode);
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Control));
        return socket;
    }

    private async Task<string> AskAsync(string json)
    {
        using Socket socket = Connect();
        byte[] framed = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, json.Length);
        Encoding.UTF8.GetBytes(json, framed.AsSpan(4));
        await socket.SendAsync(framed);
        return await RcommProcess.ReadToEndAsync(socket);
    }
}
