using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Rcomm.ProgramTests;

public sealed class ProxyFailureTests : ProxyTestBase
{
    [Fact]
    public async Task Who_waits_too_long_for_a_turn_or_finds_the_queue_full_gets_503()
    {
        var release = new TaskCompletionSource();
        await using WebApplication upstream = await StartAsync(async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("done");
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--upstream-connections 1 --upstream-queue 1 --upstream-wait 300ms");
        using var http = new HttpClient { BaseAddress = server.Url };

        List<Task<HttpResponseMessage>> asked = [.. Enumerable.Range(0, 4).Select(_ => http.GetAsync(""))];
        for (int i = 0; i < 3; i++)
        {
            Task<HttpResponseMessage> refused = await Task.WhenAny(asked).WaitAsync(RcommProcess.WaitTimeout);
            asked.Remove(refused);
            using HttpResponseMessage answer = await refused;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        }
        release.SetResult();
        using HttpResponseMessage last = await asked.Single();
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Fact]
    public async Task An_upstream_that_is_gone_is_passed_over_but_nothing_is_sent_twice_that_must_not_be()
    {
        int posts = 0;
        await using WebApplication upstream = await StartAsync(context =>
        {
            if (HttpMethods.IsPost(context.Request.Method)) Interlocked.Increment(ref posts);
            return context.Response.WriteAsync("alive");
        });
        using Socket dead = Dead();
        await using RcommProcess server = await ProxyAsync($"http://{dead.LocalEndPoint},{UrlOf(upstream)}");
        using var http = new HttpClient { BaseAddress = server.Url };

        for (int i = 0; i < 20; i++) Assert.Equal("alive", await http.GetStringAsync(""));
        int answered = 0;
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage answer = await http.PostAsync("", new StringContent("once"));
            if (answer.IsSuccessStatusCode) answered++;
            else Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        }
        Assert.Equal(answered, posts);
    }

    [Fact]
    public async Task A_body_without_a_length_is_sent_once_too()
    {
        await using WebApplication upstream =
            await StartAsync(async context => await context.Response.WriteAsync(await new StreamReader(context.Request.Body).ReadToEndAsync()));
        using Socket dead = Dead();
        await using RcommProcess server = await ProxyAsync($"http://{dead.LocalEndPoint},{UrlOf(upstream)}", "--tls-self-signed");
        using var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } });
        for (int i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"https://127.0.0.1:{server.Port}/")
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StringContent("once"),
            };
            request.Content.Headers.ContentLength = null;

            using HttpResponseMessage answer = await http.SendAsync(request);

            if (answer.IsSuccessStatusCode) Assert.Equal("once", await answer.Content.ReadAsStringAsync());
            else Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Without_any_upstream_there_is_a_502()
    {
        using Socket dead = Dead();
        await using RcommProcess server = await ProxyAsync($"http://{dead.LocalEndPoint}");
        using var http = new HttpClient { BaseAddress = server.Url };

        using HttpResponseMessage answer = await http.GetAsync("");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
    }

    [Fact]
    public async Task Readiness_fails_while_every_upstream_of_a_route_is_down()
    {
        using Socket dead = Dead();
        await using RcommProcess server = await ProxyAsync($"http://{dead.LocalEndPoint}", "--admin 127.0.0.1:0");
        string admin = (await server.ErrorLineAsync("Admin pages at ")).Split(' ')[^1];
        using var http = new HttpClient();
        Assert.Equal("ready\n", await http.GetStringAsync(admin + "readyz"));

        using HttpResponseMessage failed = await http.GetAsync(server.Url);
        using HttpResponseMessage ready = await http.GetAsync(admin + "readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("route /*: every upstream is down", await ready.Content.ReadAsStringAsync());
        Assert.Contains("\"up\":false", await http.GetStringAsync(admin + "status.json"));
        // A request is measured a moment after its answer has been sent.
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!Regex.IsMatch(await http.GetStringAsync(admin + "metrics", limit.Token),
            @"http_server_request_duration_seconds_count\{[^}]*http_response_status_code=""502""[^}]*http_route=""/\*""[^}]*\} 1\s"))
            await Task.Delay(10, limit.Token);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_too_slow_is_refused()
    {
        await using WebApplication upstream = await StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null));
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--max-body 1k --min-rate 1000");

        string large = await server.RawAsync($"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n{new string('x', 2000)}");
        string slow = await server.RawAsync("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\na few bytes");

        Assert.StartsWith("HTTP/1.1 413 ", large);
        Assert.StartsWith("HTTP/1.1 408 ", slow);
    }

    [Fact]
    public async Task An_upstream_that_stays_silent_is_a_504()
    {
        var ended = new TaskCompletionSource();
        await using WebApplication upstream = await StartAsync(_ => ended.Task);
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--upstream-timeout 500ms");
        using var http = new HttpClient { BaseAddress = server.Url };

        using HttpResponseMessage answer = await http.PostAsync("", null);

        ended.SetResult();
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task An_upstream_that_says_it_is_ill_gets_no_requests()
    {
        await using WebApplication well = await StartAsync(context => context.Response.WriteAsync("well"));
        await using WebApplication ill = await StartAsync(context =>
        {
            if (context.Request.Path == "/healthz") context.Response.StatusCode = 500;
            return context.Response.WriteAsync("ill");
        });
        await using RcommProcess server = await ProxyAsync($"{UrlOf(well)},{UrlOf(ill)}", "--upstream-health /healthz");
        using var http = new HttpClient { BaseAddress = server.Url };

        // Two failures in a row, five seconds apart; until then, it gets requests in turn.
        int inARow = 0;
        using var patience = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (inARow < 50)
        {
            inARow = await http.GetStringAsync("", patience.Token) == "well" ? inARow + 1 : 0;
            if (inARow == 0) await Task.Delay(100, patience.Token);
        }
    }

    // Bound, so that nobody else listens there, and refusing connections.
    private static Socket Dead()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
