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

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"burst https://localhost:{server.Port}/howdy --insecure -c 40 {flags}");

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

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"burst https://localhost:{server.Port}/ -c 10");

        Assert.Equal(1, exitCode);
        Assert.Contains("All 10 connections failed the TLS handshake: the server's certificate isn't signed by a trusted root (--cacert FILE trusts "
            + "one, --insecure any).", output);
    }

    [Fact]
    public async Task Four_processes_begin_together_and_their_results_are_added_up()
    {
        using var site = new SampleSite();
        string start = DateTime.UtcNow.AddSeconds(8).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string[] files = [.. Enumerable.Range(1, 4).Select(number => Path.Combine(site.Folder, $"{number}.json"))];

        await Task.WhenAll(files.Select(async (file, index) =>
        {
            (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"burst {served.Server.Url} -c {10 * (index + 1)} --at {start} --json");
            Assert.Equal((0, ""), (exitCode, errors));
            await File.WriteAllTextAsync(file, output);
        }));
        (int merged, string report, string doubts) = await RcommProcess.RunAsync($"burst --merge {string.Join(' ', files)}");

        Assert.Equal((0, ""), (merged, doubts));
        Assert.Contains("100 connections at once", report);
        Assert.Contains("from 4 generators", report);
        Assert.Contains("All 100 connections were answered.", report);
    }

    [Fact]
    public async Task A_search_ends_where_this_machines_files_end()
    {
        await using RcommProcess burst =
            RcommProcess.StartScript($"ulimit -n 700; exec \"$0\" burst {served.Server.Url} --find-limit --connections 40 --timeout 20s");

        Assert.Equal(0, await burst.ExitCodeAsync());
        Assert.Contains("40 at once: ", burst.Output);
        Assert.Contains("The largest burst that held: ", burst.Output);
    }

    [Fact]
    public async Task A_search_in_which_nothing_holds_fails()
    {
        (int exitCode, string output, _) = await RcommProcess.RunAsync($"burst {served.Server.Url}missing --find-limit -n 4 --json");

        Assert.Equal(1, exitCode);
        Assert.Contains("\"failed\":1,\"cause\":\"outcome\"", output);
        Assert.Contains("Not even 1 at once held: 1 was not answered (unexpected status).", output);
    }

    [Theory]
    [InlineData("burst http://127.0.0.1:1/ --insecure", "--insecure is about TLS")]
    [InlineData("burst https://127.0.0.1:1/ --resume", "write the URL with a name")]
    [InlineData("burst https://127.0.0.1:1/ --cacert /no/root.pem", "--cacert /no/root.pem")]
    [InlineData("burst https://127.0.0.1:1/ --cacert /etc/hostname", "--cacert /etc/hostname")]
    [InlineData("burst https://127.0.0.1:1/ --key /etc/hostname", "--cert FILE")]
    [InlineData("burst ws://127.0.0.1:1/ --http2", "leave --http2 out")]
    [InlineData("burst ws://127.0.0.1:1/ --method POST", "leave --method, --body and --expect out")]
    [InlineData("burst http://127.0.0.1:1/ --body /no/file", "--body /no/file")]
    [InlineData("burst http://127.0.0.1:1/ --header nonsense", "isn't a header")]
    [InlineData("burst http://127.0.0.1:1/ --expect abc", "isn't a list of HTTP statuses")]
    [InlineData("burst http://127.0.0.1:1/ --method GE/T", "isn't an HTTP method")]
    [InlineData("burst http://127.0.0.1:1/ --steps 100,x", "--steps 100,x")]
    [InlineData("burst http://127.0.0.1:1/ --train 10", "--train 10")]
    [InlineData("burst http://127.0.0.1:1/ --train 10x10/1s -c 5", "leave out --connections")]
    [InlineData("burst http://127.0.0.1:1/ --at 2020-01-01T00:00:00Z", "s ago")]
    [InlineData("burst http://127.0.0.1:1/ --slo p99=1s", "--find-limit")]
    [InlineData("burst http://127.0.0.1:1/ --find-limit --rate 10", "leave out --rate")]
    [InlineData("burst --merge /no/one.json", "/no/one.json")]
    [InlineData("burst http://127.0.0.1:1/ --merge one.json", "leave out http://127.0.0.1:1/")]
    public async Task Flags_that_do_not_fit_end_with_2_and_say_what_is_wrong(string arguments, string says)
    {
        (int exitCode, string output, string errors) = await RcommProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(says, errors);
    }
}
