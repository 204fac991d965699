using System.Globalization;

namespace Rcomm.ProgramTests;

/// <summary><c>rcomm burst</c> against rcomm itself, over TLS and HTTP/2, from several processes, and in search of its limit.</summary>
public sealed class BurstProtocolTests(ServedSite served) : IClassFixture<ServedSite>
{
    [Theory]
    [InlineData("", "ALPN http/1.1.")]
    [InlineData("--http2", "ALPN h2.")]
    [InlineData("--resume", "all resumed.")]
    public async Task A_server_with_TLS_answers_every_connection(string flags, string says)
    {
        using var site = new SampleSite();
        await using RcommProcess server = await RcommProcess.ServeAsync($"{site.Root} --tls-self-signed");

        (int exitCode, string output, string errors) =
            await RcommProcess.RunAsync($"burst https://localhost:{server.Port}/howdy --insecure -c 40 --timeout 1m {flags}");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("All 40 connections were answered.", output);
        Assert.Contains("40 TLS handshakes: TLS 1.3", output);
        Assert.Contains(says, output);
        Assert.Contains("TLS handshake alone", output);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_fails_the_burst_and_says_what_to_do()
    {
        using var site = new SampleSite();
        await using RcommProcess server = await RcommProcess.ServeAsync($"{site.Root} --tls-self-signed");

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"burst https://localhost:{server.Port}/ -c 10 --timeout 1m");

        Assert.Equal(1, exitCode);
        Assert.Contains("All 10 connections failed the TLS handshake: the server's certificate isn't signed by a trusted root (--cacert FILE trusts "
            + "one, --insecure any).", output);
    }

    [Fact]
    public async Task Four_processes_begin_together_and_their_results_are_added_up()
    {
        using var site = new SampleSite();
        string[] files = [.. Enumerable.Range(1, 4).Select(number => Path.Combine(site.Folder, $"{number}.json"))];

        // On a busy machine it takes a while until all of them have started.
        int seconds = 3;
        while (!await BurstAsync(DateTime.UtcNow.AddSeconds(seconds), files)) Assert.InRange(seconds *= 2, 0, 60);
        (int merged, string report, string doubts) = await RcommProcess.RunAsync($"burst --merge {string.Join(' ', files)}");

        Assert.Equal((0, ""), (merged, doubts));
        Assert.Contains("100 connections at once", report);
        Assert.Contains("from 4 generators", report);
        Assert.Contains("All 100 connections were answered.", report);
    }

    // False where one of them has started too late.
    private async Task<bool> BurstAsync(DateTime start, string[] files)
    {
        string at = start.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        (int ExitCode, string Output, string Errors)[] runs = await Task.WhenAll(
            files.Select((_, index) => RcommProcess.RunAsync($"burst {served.Server.Url} -c {10 * (index + 1)} --at {at} --timeout 1m --json")));
        if (runs.Any(run => run.Errors.Contains("s ago", StringComparison.Ordinal))) return false;
        Assert.All(runs, run => Assert.Equal((0, ""), (run.ExitCode, run.Errors)));
        foreach ((string file, string output) in files.Zip(runs, (file, run) => (file, run.Output))) await File.WriteAllTextAsync(file, output);
        return true;
    }

    [Fact]
    public async Task A_search_ends_where_this_machines_files_end()
    {
        await using RcommProcess burst =
            RcommProcess.StartScript($"ulimit -n 700; exec \"$0\" burst {served.Server.Url} --find-limit --connections 40 --timeout 1m");

        Assert.Equal(0, await burst.ExitCodeAsync());
        Assert.Contains("40 at once: ", burst.Output);
        Assert.Contains("The largest burst that held: ", burst.Output);
    }

    [Fact]
    public async Task A_search_in_which_nothing_holds_fails()
    {
        (int exitCode, string output, _) = await RcommProcess.RunAsync($"burst {served.Server.Url}missing --find-limit -n 4 --timeout 1m --json");

        Assert.Equal(1, exitCode);
        Assert.Contains("\"failed\":1,\"cause\":\"outcome\"", output);
        Assert.Contains("Even 1 at once did not hold: 1 was not answered (unexpected status).", output);
    }
}
