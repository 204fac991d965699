namespace Rcomm.Tests.Cli;

/// <summary>Flags of <c>rcomm burst</c> that are wrong, or do not fit together.</summary>
public sealed class WrongBurstTests
{
    [Fact]
    public async Task A_target_that_may_be_somebody_elses_is_refused()
    {
        (string output, string errors) = await CommandRun.RefusedAsync("burst http://192.0.2.1/");

        Assert.Contains("192.0.2.1:80 is neither loopback nor a private address", errors);
        Assert.Contains("--i-own-this-host", errors);
        Assert.Equal("", output);
    }

    [Theory]
    [InlineData("burst", "The URL is missing")]
    [InlineData("burst http://no-such-host.invalid/", "does not resolve")]
    [InlineData("burst http://127.0.0.1:1/ --connections 0", "--connections 0")]
    [InlineData("burst http://127.0.0.1:1/ --ramp soon", "--ramp soon")]
    [InlineData("burst http://127.0.0.1:1/ --ramp 5s --rate 10", "can't be combined")]
    [InlineData("burst http://127.0.0.1:1/ --rate -3", "--rate")]
    [InlineData("burst http://127.0.0.1:1/ --allow 0.5", "--allow 0.5")]
    [InlineData("burst http://127.0.0.1:1/ --sources 192.0.2.1", "doesn't have the source address")]
    [InlineData("burst http://127.0.0.1:1/ --timeout 11m", "at most 10 minutes")]
    [InlineData("burst http://127.0.0.1:1/ --conections 5", "Did you mean --connections?")]
    [InlineData("burst http://127.0.0.1:1/ --html /no/such/folder/report.html", "/no/such/folder")]
    [InlineData("burst --compare one.json", "--compare")]
    [InlineData("burst --compare /no/one.json /no/two.json", "/no/one.json")]
    [InlineData("burst --compare one.json two.json --json", "leave out --json")]
    public async Task A_wrong_burst_ends_with_2_and_says_what_is_wrong(string arguments, string says)
    {
        (string output, string errors) = await CommandRun.RefusedAsync(arguments);

        Assert.Contains(says, errors);
        Assert.Equal("", output);
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
        (string output, string errors) = await CommandRun.RefusedAsync(arguments);

        Assert.Equal("", output);
        Assert.Contains(says, errors);
    }
}
