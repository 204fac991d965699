using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed class ReloadTests : ControlTestBase
{
    [Fact]
    public async Task A_changed_environment_file_is_read_again_on_SIGHUP()
    {
        string file = WriteFile("rcomm.env", "# queue\nRCOMM_BACKLOG=200\n");
        await using RcommProcess server = await ServeAsync($"--env-file {file}");
        Assert.Contains("(backlog: 200)", server.Output);
        WriteFile("rcomm.env", "RCOMM_BACKLOG=\"400\"\nRCOMM_STALL_TIME=9s\n");

        server.Signal(Signals.SIGHUP);

        await server.ErrorLineAsync("(backlog: 400)");
        await server.ErrorLineAsync("stall-time = 9s needs a restart");
        Assert.Equal(400, await BacklogOfAsync(server.Port));
    }

    [Fact]
    public async Task What_needs_a_restart_is_said_at_each_reload_until_it_is_undone()
    {
        string file = WriteFile("rcomm.json", """{ "idleTimeout": "7s" }""");
        await using RcommProcess server = await ServeAsync($"--config {file}");
        WriteFile("rcomm.json", """{ "idleTimeout": "9s" }""");

        Assert.Contains("idle-timeout = 9s needs a restart", await SaysAsync("reload"));
        Assert.Contains("idle-timeout = 9s needs a restart", await SaysAsync("reload"));
        Assert.Contains("idle-timeout = 7s (from idleTimeout in", await SaysAsync("status"));
        Assert.Contains("; 9s after a restart)", await SaysAsync("status"));
        WriteFile("rcomm.json", """{ "idleTimeout": "7s" }""");
        Assert.Equal("Nothing has changed.", await SaysAsync("reload"));

        async Task<string> SaysAsync(string command) => (await RcommProcess.RunAsync($"{command} --control {Control}")).Output;
    }

    [Fact]
    public async Task A_body_that_comes_after_its_redirect_leaves_the_connection_as_it_was()
    {
        string file = WriteFile("rcomm.json", """{ "site": { "redirects": [{ "from": "/old", "to": "/style.css", "status": 308 }] } }""");
        await using RcommProcess server = await ServeAsync($"--config {file}");
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await server.ConnectAsync();
            await client.SendAsync("POST /old HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"u8.ToArray());
            byte[] answer = new byte[4096];
            int length = await client.ReceiveAsync(answer);
            Assert.StartsWith("HTTP/1.1 308 ", Encoding.ASCII.GetString(answer, 0, length));

            await client.SendAsync("helloGET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

            Assert.StartsWith("HTTP/1.1 200 ", await RcommProcess.ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task Rules_and_passwords_are_others_after_a_reload_and_a_bad_file_leaves_them()
    {
        const string alice = "alice:$2y$04$x/a..npDDNS5k8gp8LKfMOngnDfxjuve8hSjDFeVD60tizl6vrpoe";
        string passwords = WriteFile("htpasswd", alice);
        string rules = $$""" "htpasswd": "{{passwords}}", "site": { "redirects": [{ "from": "/old", "to": "/new" }] } """;
        string file = WriteFile("rcomm.json", "{" + rules + "}");
        await using RcommProcess server = await ServeAsync($"--config {file}");
        const string old = "GET /old HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic ";
        Assert.StartsWith("HTTP/1.1 401 ", await server.RawAsync(old + "Ym9iOmJ1aWxkZXI=\r\n\r\n"));

        WriteFile("htpasswd", "bob:$2y$04$9L2ChQo.njrkFIGeQmUng.wfVbbgATJoSPm5FfXfj99JPFoh4Dh7O");
        WriteFile("rcomm.json", "{" + rules.Replace("/new", "/newer") + "}");
        (int exitCode, string output, _) = await RcommProcess.RunAsync($"reload --control {Control}");

        Assert.Equal(0, exitCode);
        Assert.Contains($"The rules of the sites in {file} apply from now on.", output);
        Assert.Contains("Location: /newer\r\n", await server.RawAsync(old + "Ym9iOmJ1aWxkZXI=\r\n\r\n"));

        WriteFile("htpasswd", "no hash");
        WriteFile("rcomm.json", "{" + rules.Replace("/new", "/newest") + "}");
        (exitCode, _, string errors) = await RcommProcess.RunAsync($"reload --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains("Nothing was changed.", errors);
        Assert.Contains("Location: /newer\r\n", await server.RawAsync(old + "Ym9iOmJ1aWxkZXI=\r\n\r\n"));
    }

    [Fact]
    public async Task A_typo_in_the_environment_file_changes_nothing_in_a_server_that_runs()
    {
        string file = WriteFile("rcomm.env", "RCOMM_BACKLOG=200\n");
        await using RcommProcess server = await ServeAsync($"--env-file {file}");
        WriteFile("rcomm.env", "RCOMM_BACKLOG=-400\n");

        server.Signal(Signals.SIGHUP);

        await server.ErrorLineAsync("nothing was changed: RCOMM_BACKLOG in ");
        Assert.Equal(200, await BacklogOfAsync(server.Port));

        WriteFile("rcomm.env", "RCOMM_BACKLOG=200\nRCOMM_BAKLOG=400\n");
        (_, string said, _) = await RcommProcess.RunAsync($"reload --control {Control}");
        Assert.Contains("RCOMM_BAKLOG isn't an rcomm setting and is ignored. Did you mean RCOMM_BACKLOG?", said);
    }

    [Theory]
    [InlineData("{ \"backlog\": \"lots\" }", "backlog in ")]
    [InlineData("{ \"backlog\": 300, \"backlogg\": 1 }", "Did you mean backlog?")]
    [InlineData("{ \"backlog\": 300,", "isn't valid JSON")]
    public async Task A_bad_file_changes_nothing_and_says_why(string bad, string why)
    {
        string file = WriteFile("rcomm.json", "{ \"backlog\": 200 }");
        await using RcommProcess server = await ServeAsync($"--config {file}");
        WriteFile("rcomm.json", bad);

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"reload --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains("Nothing was changed.", errors);
        Assert.Contains(why, errors);
        Assert.Equal(200, await BacklogOfAsync(server.Port));
    }

    private string WriteFile(string name, string text)
    {
        string path = Path.Combine(_site.Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
