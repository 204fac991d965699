using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.ProgramTests;

/// <summary><c>rcomm upgrade</c>: the program on disk takes over from the running one.</summary>
public sealed partial class UpgradeTests : IDisposable
{
    private readonly SampleSite _site = new();

    private string Control => Path.Combine(_site.Folder, "control");

    [Fact]
    public async Task The_program_on_disk_takes_over_and_the_running_one_ends()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --control {Control} --listen 127.0.0.1:{FreePort.Next()}");

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"upgrade --control {Control}");

        Assert.True(exitCode == 0, errors + server.Errors);
        int process = int.Parse(ProcessPattern().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.NotEqual(server.Id, process);
        using Process next = Process.GetProcessById(process);
        try
        {
            using var http = new HttpClient();
            Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync(new Uri(server.Url, "howdy")));
        }
        finally
        {
            next.Kill();
        }
        // The new process shares the standard output, so the stream ends when both have ended.
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Contains($"taken over by process {process}", server.Output + server.Errors);
    }

    [Fact]
    public async Task Where_the_new_one_cannot_start_the_running_one_goes_on_and_the_exit_code_says_so()
    {
        string config = Path.Combine(_site.Folder, "rcomm.json");
        await File.WriteAllTextAsync(config, "{}");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --control {Control} --config {config}");
        await File.WriteAllTextAsync(config, "{ no");

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"upgrade --control {Control}");

        Assert.Equal(1, exitCode);
        Assert.Contains("ended before it took over; the running server continues", errors);
        using var http = new HttpClient();
        Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync(new Uri(server.Url, "howdy")));
    }

    public void Dispose() => _site.Dispose();

    [GeneratedRegex("^Process ([0-9]+), rcomm [^ ]+, has taken over")]
    private static partial Regex ProcessPattern();
}
