namespace Rcomm.ProgramTests;

/// <summary>Commands for a running server find the right server.</summary>
public sealed class RunningServerTests : IDisposable
{
    private readonly SampleSite _site = new();

    private string Runtime => $"XDG_RUNTIME_DIR={_site.Folder}";

    [Fact]
    public async Task A_command_means_the_server_of_the_configuration_in_its_folder_and_no_other()
    {
        string configuration = Path.Combine(_site.Folder, "rcomm.json");
        File.WriteAllText(configuration, $$"""{ "port": 0, "documentRoot": "{{_site.Root}}", "control": "{{_site.Folder}}/own.sock" }""");
        await using RcommProcess other = await RcommProcess.ServeAsync(_site.Root, Runtime);
        await using RcommProcess own = RcommProcess.Start($"serve -c {configuration}", Runtime);
        await own.ListeningLineAsync();

        await using (RcommProcess status = RcommProcess.Start("status", _site.Folder, [Runtime])) await SaysAsync(status, $"process {own.Id}");
        await using (RcommProcess status = RcommProcess.Start($"status -c {configuration}", "/", [Runtime])) await SaysAsync(status, $"process {own.Id}");
        await using (RcommProcess status = RcommProcess.Start("status", "/", [Runtime])) await SaysAsync(status, $"process {other.Id}");
        await using (RcommProcess drain = RcommProcess.Start("drain --wait", _site.Folder, [Runtime])) await SaysAsync(drain, "The server has stopped.");

        Assert.Equal(0, await own.ExitCodeAsync());
        await using RcommProcess still = RcommProcess.Start("status", "/", [Runtime]);
        await SaysAsync(still, $"process {other.Id}");
    }

    [Fact]
    public async Task A_command_that_changes_the_only_server_that_runs_says_which_one_that_is()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, Runtime);

        await using RcommProcess reload = RcommProcess.Start("reload", "/", [Runtime]);

        await SaysAsync(reload, $"Process {server.Id}, 127.0.0.1:{server.Port}:");
    }

    [Fact]
    public async Task The_status_has_the_settings_that_were_written()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --idle-timeout 7s", Runtime);

        await using RcommProcess status = RcommProcess.Start("status", "/", [Runtime]);

        await SaysAsync(status, "idle-timeout = 7s (from --idle-timeout)");
    }

    [Fact]
    public async Task A_takeover_by_a_server_with_other_addresses_says_which_one_ends()
    {
        string control = Path.Combine(_site.Folder, "c.sock");
        await using RcommProcess old = await RcommProcess.ServeAsync($"{_site.Root} --control {control}");

        await using RcommProcess next = await RcommProcess.ServeAsync($"{_site.Root} --control {control} --takeover");

        Assert.Contains($"127.0.0.1:{old.Port}: the running server listens there, but the new one doesn't",
            await next.ErrorLineAsync("the address isn't configured"));
    }

    [Fact]
    public async Task A_proxy_without_an_upstream_is_a_wrong_command_line()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync("proxy");

        Assert.Equal(2, exitCode);
        Assert.Contains("UPSTREAM is missing", errors);
    }

    public void Dispose() => _site.Dispose();

    private static async Task SaysAsync(RcommProcess command, string text)
    {
        Assert.Equal(0, await command.ExitCodeAsync());
        Assert.Contains(text, command.Output);
    }
}
