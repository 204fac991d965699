using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.ProgramTests;

public sealed class ProxyTests : ProxyTestBase
{
    [Fact]
    public async Task Requests_are_handed_on_whole_with_who_asked()
    {
        await using WebApplication upstream = await StartAsync(async context =>
        {
            string body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Response.Headers["X-Upstream"] = "yes";
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} " +
                $"{context.Request.Host} {context.Request.Headers["X-Forwarded-For"]} {body}");
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream));
        using var http = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post,
            "a/b?c=d") { Content = new StringContent("hello"), Headers = { { "X-Forwarded-For", "10.1.2.3" } } };

        using HttpResponseMessage answer = await http.SendAsync(request);

        Assert.Equal($"POST /a/b?c=d 127.0.0.1:{server.Port} 127.0.0.1 hello", await answer.Content.ReadAsStringAsync());
        Assert.Equal("yes", answer.Headers.GetValues("X-Upstream").Single());
        await server.ErrorLineAsync($"Serving {UrlOf(upstream)} at {server.Url}");
    }

    [Fact]
    public async Task An_encoded_slash_stays_one_but_leads_nowhere_else()
    {
        await using WebApplication upstream =
            await StartAsync(context => context.Response.WriteAsync(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream));

        Assert.Contains("\r\n/@scope%2fname?a=%2F\r\n", await server.RawAsync("GET /@scope%2fname?a=%2F HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 400 ", await server.RawAsync("GET /api/..%2Fadmin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        Assert.Contains("\r\n/a%2Fb\r\n", await server.RawAsync("GET /x/../a%2Fb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task What_the_upstream_says_of_its_pages_goes_before_what_we_do()
    {
        await using WebApplication upstream = await StartAsync(context =>
        {
            context.Response.Headers.XFrameOptions = "DENY";
            return context.Response.WriteAsync("page");
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream));
        using var http = new HttpClient { BaseAddress = server.Url };

        using HttpResponseMessage answer = await http.GetAsync("");

        Assert.Equal(["DENY"], answer.Headers.GetValues("X-Frame-Options"));
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Single(answer.Headers.GetValues("Server"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upgrade: anything\r\n")]
    public async Task An_upstream_gets_no_more_at_once_than_it_may_and_everybody_is_answered(string headers)
    {
        int now = 0, most = 0;
        await using WebApplication upstream = await StartAsync(async context =>
        {
            int here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            await Task.Delay(5);
            Interlocked.Decrement(ref now);
            await context.Response.WriteAsync("done");
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--upstream-connections 3");

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(_ => server.RawAsync($"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")));

        Assert.All(answers, answer => Assert.Contains("done", answer));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task WebSockets_and_streams_pass_through()
    {
        var goOn = new TaskCompletionSource();
        await using WebApplication upstream = await StartAsync(async context =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                byte[] buffer = new byte[100];
                WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, default);
                await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, default);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                return;
            }
            await context.Response.WriteAsync("first;");
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("second");
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--upstream-connections 1");

        // One that stays open has released its turn; otherwise, the others would wait forever.
        using var open = new ClientWebSocket();
        await open.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), default);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), default);
        await client.SendAsync("echo"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        byte[] echoed = new byte[100];
        WebSocketReceiveResult result = await client.ReceiveAsync(echoed, default);
        Assert.Equal("echo", Encoding.UTF8.GetString(echoed, 0, result.Count));

        // The first half arrives before the second exists.
        using Socket socket = await server.ConnectAsync();
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        string half = "";
        byte[] buffer = new byte[1000];
        int read = 1;
        while (read > 0 && !half.Contains("first;")) half += Encoding.UTF8.GetString(buffer, 0, read = await socket.ReceiveAsync(buffer));
        Assert.Contains("first;", half);
        goOn.SetResult();
        Assert.Contains("second", await RcommProcess.ReadToEndAsync(socket));
    }

    [Fact]
    public async Task A_route_of_the_file_is_handed_on_and_the_rest_is_served()
    {
        using var site = new SampleSite();
        await using WebApplication upstream = await StartAsync(context => context.Response.WriteAsync($"service {context.Request.Path}"));
        string file = Path.Combine(site.Folder, "rcomm.json");
        await File.WriteAllTextAsync(file, $$"""{ "site": { "proxy": [{ "path": "/api/*", "to": ["{{UrlOf(upstream)}}"], "connections": 2 }] } }""");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{site.Root} --config {file}");
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.Equal("service /api/users", await http.GetStringAsync("api/users"));
        Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync("howdy"));
        await server.ErrorLineAsync("Forwarding /api/* to");
    }

    [Theory]
    [InlineData("proxy localhost", "isn't a valid upstream; write where the service is")]
    [InlineData("proxy http://127.0.0.1:1 --upstream-connections 0", "write a whole number from 1")]
    public async Task A_mistake_is_told_with_what_to_write(string arguments, string error)
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains(error, errors);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int before;
        while ((before = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, before) != before) { }
    }
}
