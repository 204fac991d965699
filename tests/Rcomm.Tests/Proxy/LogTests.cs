using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Rcomm.Tests.Proxy;

/// <summary>No client and no upstream can cause a stack trace or many lines in the log.</summary>
public sealed partial class LogTests
{
    /// <summary>Fails on a stack trace or the name of a type.</summary>
    internal static void HasNoTraces(IEnumerable<string> log) => Assert.DoesNotContain(log, line => Trace().IsMatch(line));

    [Fact]
    public async Task An_upstream_that_is_down_is_one_sentence_and_one_when_it_is_back()
    {
        using Socket bound = RawUpstream.Bind();
        await using ProxyServer server = await ProxyServer.StartAsync($"http://{bound.LocalEndPoint}");
        bool IsOfUpstream(string line) => line.StartsWith("upstream ", StringComparison.Ordinal);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => server.GetAsync("/")));

        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 502 ", answer));
        await ProxyServer.UntilAsync(() => server.Log.Any(IsOfUpstream));
        await using var upstream = RawUpstream.Fine(bound);
        await ProxyServer.UntilAsync(() => server.Log.Any(line => line.Contains(" is back after ", StringComparison.Ordinal)));
        Assert.Collection(
            server.Log.Where(IsOfUpstream),
            line => Assert.Matches(@"^upstream http://127\.0\.0\.1:\d+: connection refused; \d+ requests answered 502", line),
            line => Assert.Matches(@"^upstream http://127\.0\.0\.1:\d+ is back after \d+ s", line));
    }

    [Fact]
    public async Task Requests_that_find_no_turn_are_one_sentence()
    {
        await using RawUpstream upstream = RawUpstream.Start(connection => Task.Delay(Timeout.Infinite, connection.Stop));
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-connections=1", "upstream-queue=0");
        using Socket first = await server.ConnectAsync();
        await first.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await ProxyServer.UntilAsync(() => server.Proxy.Status.Single().Upstreams.Single().InFlight == 1);
        int linesBefore = server.Log.Count();

        for (int i = 0; i < 20; i++) Assert.StartsWith("HTTP/1.1 503 ", await server.GetAsync("/"));

        await ProxyServer.UntilAsync(() => server.Log.Count() > linesBefore);
        // Those that come more than a second after the first are reported a minute later, or at the end.
        await server.DisposeAsync();
        string[] lines = [.. server.Log.Skip(linesBefore).Where(line => line.StartsWith("route ", StringComparison.Ordinal))];
        Assert.InRange(lines.Length, 1, 2);
        Assert.Equal(20, lines.Sum(line => int.Parse(Answered503().Match(line).Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Whatever_clients_and_upstreams_send_the_log_has_no_stack_trace_and_few_lines()
    {
        var random = new Random(18);
        string[] answers = [.. AnswerTests.Invalid.Select(row => row.Data)];
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                int which = random.Next(answers.Length + 3);
                if (which >= answers.Length) return;
                string answer = answers[which];
                await connection.SendAsync(answer[..random.Next(answer.Length + 1)]);
                if (random.Next(2) == 0) return;
            }
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "trusted-proxies=127.0.0.0/8", "upstream-timeout=500ms",
            "upstream-trace=on");
        int linesBefore = server.Log.Count();
        string[] methods = ["GET", "POST", "get", "CONNECT", "TRACE", "OPTIONS", "HEAD", "G\0T"];
        string[] targets = ["/", "*", "/%ff", "/\u007F", "/a\rb", "http://other/f", "host:80", "//", "/..%2f", "/?%zz", "/" + new string('a', 9000)];
        string[] hosts = ["Host: x", "Host: xn--99999999999", "Host: a'b", "Host:", "Host: a\r\nHost: b", "Host: \u00E9", "X: y"];
        string[] fields =
        [
            "", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: 5\r\n", "Content-Length: +4\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\n", "X-Forwarded-Host: xn--99999999999\r\n",
            "X-Forwarded-For: 1.2.3, \u00E9\r\n", "Forwarded: for=\"[\";host=\"\0\"\r\n", "Max-Forwards: -1\r\n",
            "Expect: 100-continue\r\nContent-Length: 3\r\n", "Cookie: \u00FF\u0080\r\n", "Connection: Host, Content-Length\r\n", "A B: c\r\n",
            "X: a\0b\r\n",
        ];
        string[] bodies = ["", "hello", "5\r\nhello\r\n0\r\n\r\n", "zz\r\n", "5;\r\nhello\r\n0\r\n\r\n"];

        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using Socket client = await server.ConnectAsync();
            string request = $"{methods[i % methods.Length]} {targets[i % targets.Length]} " +
                $"HTTP/1.1\r\n{hosts[i % hosts.Length]}\r\n{fields[i % fields.Length]}\r\n{bodies[i % bodies.Length]}";
            await client.SendAsync(Encoding.Latin1.GetBytes(request));
            client.Shutdown(SocketShutdown.Send);
            if (i % 3 > 0) await ProxyServer.ReadToEndAsync(client);
            // Some disconnect without their response.
            else client.Close(0);
        });

        HasNoTraces(server.Log);
        // The upstream's problems are logged a second later.
        Assert.InRange(server.Log.Count() - linesBefore, 0, 10);
        Assert.StartsWith("HTTP/1.1 ", await server.GetAsync("/"));
    }

    [GeneratedRegex(@"^route /\*: .* (\d+) requests? answered 503 in the last \d+ s$")]
    private static partial Regex Answered503();

    [GeneratedRegex(@"   at |\b(System|Microsoft|Rcomm)\.\w+\.|Exception\b")]
    private static partial Regex Trace();
}
