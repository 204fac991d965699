using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Rcomm.ProgramTests;

/// <summary>Refused clients: the metrics count each with its reason, and each request has a line in the access log.</summary>
public sealed partial class RefusedClientsTests : IDisposable
{
    private readonly SampleSite _site = new();
    private readonly HttpClient _http = new() { Timeout = RcommProcess.WaitTimeout };

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHo st: x\r\n\r\n", "GET / 400 0", "bad_request")]
    [InlineData("GARBAGE\r\n\r\n", "- - 400 0", "bad_request")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nA: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n\r\n", "GET / 431 0", "headers_too_large")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n", "GET / 408 0", "request_timeout")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / 400 0", "bad_request")]
    public async Task A_request_that_is_refused_has_its_access_log_line_and_its_reason(string request, string line, string reason)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(
            $"{_site.Root} --admin 127.0.0.1:0 --access-log on --header-timeout 1s --max-request-line 64 --max-header-size 64");

        await server.RawAsync(request);

        Assert.Contains($" 127.0.0.1 {line} ", await server.OutputLineAsync("127.0.0.1 "));
        Assert.Equal([(reason, 1)], await RefusedAsync(server, 1));
    }

    [Fact]
    public async Task A_body_that_is_left_unread_after_its_answer_is_not_another_refused_request()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --access-log on --max-body 10");

        Assert.StartsWith("HTTP/1.1 405 ", await server.RawAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"));
        await server.RawAsync("GARBAGE\r\n\r\n");

        Assert.Equal([("bad_request", 1)], await RefusedAsync(server, 1));
    }

    [Fact]
    public async Task Connections_turned_away_at_the_limit_are_counted_by_reason_too()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --max-connections 1 --overload reject");
        using Socket first = await server.ConnectAsync();

        for (int i = 0; i < 3; i++) Assert.StartsWith("HTTP/1.1 503 ", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));

        Assert.Equal([("overload", 3)], await RefusedAsync(server, 3));
        Assert.Contains("(503; --max-connections, --overload)", await server.ErrorLineAsync("refused: the limit"));
    }

    [Theory]
    [InlineData("--tls-self-signed on --transport epoll", "tls_handshake")]
    [InlineData("--tls-self-signed on --transport sockets", "tls_handshake")]
    [InlineData("--tls-self-signed on --client-connections 100", "tls_handshake")]
    [InlineData("--proxy-protocol on", "proxy_header")]
    public async Task A_check_whether_the_port_is_open_is_not_a_client_turned_away(string settings, string reason)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 {settings}");
        for (int i = 0; i < 5; i++)
        {
            using Socket check = await server.ConnectAsync();
            if (i % 2 == 0) check.LingerState = new LingerOption(true, 0);
        }
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("\0GARBAGE\r\n\r\n"u8.ToArray());

        Assert.Equal([(reason, 1)], await RefusedAsync(server, 1));
    }

    public void Dispose()
    {
        _http.Dispose();
        _site.Dispose();
    }

    // The reasons and their counts, once this many have been counted.
    private async Task<(string Reason, int Count)[]> RefusedAsync(RcommProcess server, int count)
    {
        string admin = (await server.ErrorLineAsync("Admin pages at ")).Split(' ')[^1];
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (true)
        {
            string metrics = await _http.GetStringAsync(new Uri(new Uri(admin), "metrics"), limit.Token);
            (string Reason, int Count)[] refused = [.. Refused().Matches(metrics).Select(match => (match.Groups[1].Value, int.Parse(match.Groups[2].Value)))];
            if (refused.Sum(one => one.Count) >= count) return refused;
        }
    }

    [GeneratedRegex(@"rcomm_clients_refused_total\{[^}]*reason=""(\w+)""[^}]*\} (\d+)")]
    private static partial Regex Refused();
}
