using System.Text;

namespace Rcomm.Tests.Proxy;

/// <summary>The upstream gets what the client sent (RFC 9110, section 7.6; RFC 9112, section 3.2).</summary>
public sealed class RequestForwardingTests : ForwardingTestBase
{
    [Theory]
    [InlineData("a'b")]
    [InlineData("a!b")]
    [InlineData("a&b")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("x:65536")]
    [InlineData("xn--")]
    [InlineData("xn--99999999999")]
    [InlineData("EXAMPLE.com:80")]
    [InlineData("[::1]:80")]
    public async Task The_upstream_gets_one_Host_as_it_came_or_the_client_gets_400(string host)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        if (answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)) Assert.Empty(upstream.Requests);
        else
        {
            Assert.StartsWith(Fine, answer);
            Assert.Equal([$"Host: {host}"], RawUpstream.Fields(upstream.Request, "Host"));
        }
        Assert.DoesNotContain(server.Log, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_of_300_letters_is_one_field_too()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);
        string host = new('a', 300);

        Assert.StartsWith(Fine, await server.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));

        Assert.Equal([$"Host: {host}"], RawUpstream.Fields(upstream.Request, "Host"));
    }

    [Fact]
    public async Task A_request_without_a_host_gets_the_upstreams()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.Contains(" 200 ", await server.SendAsync("GET / HTTP/1.0\r\n\r\n"));

        Assert.Equal([$"Host: 127.0.0.1:{upstream.Port}"], RawUpstream.Fields(upstream.Request, "Host"));
    }

    [Theory]
    [InlineData("a'b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("xn--99999999999")]
    public async Task A_trusted_X_Forwarded_Host_is_one_host_too(string host)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "trusted-proxies=127.0.0.0/8");

        await server.GetAsync("/", $"X-Forwarded-Host: {host}\r\n");

        foreach (string request in upstream.Requests) Assert.Single(RawUpstream.Fields(request, "Host"));
        Assert.DoesNotContain(server.Log, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/a%2Bb")]
    [InlineData("/a%3Bb%2Cc%3Dd%26e%24f%21g%40h%3Ai")]
    [InlineData("/a+b;c,d=e&f$g!h@i:j'(k)*")]
    [InlineData("/%ff")]
    [InlineData("/%c3%a9%C3%A9")]
    [InlineData("/?a=%zz")]
    [InlineData("/?a=%zz&b=%2F/../x&c=[]{}|\\^`\"<>")]
    [InlineData("/a%2fb%2Fc")]
    [InlineData("/a//b///")]
    [InlineData("/%61%2e%62")]
    [InlineData("/...")]
    [InlineData("/a?")]
    [InlineData("/~user/%7Euser")]
    public async Task The_target_arrives_as_it_came(string target)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith(Fine, await server.GetAsync(target));

        Assert.StartsWith($"GET {target} HTTP/1.1\r\n", upstream.Request);
    }

    [Theory]
    [InlineData("/a/../b%2Bc?d=/../e", "/b%2Bc?d=/../e")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/../../a", "/a")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/x/../a%2Fb", "/a%2Fb")]
    public async Task Dot_segments_are_resolved_and_the_rest_stays_as_it_came(string target, string expected)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith(Fine, await server.GetAsync(target));

        Assert.StartsWith($"GET {expected} HTTP/1.1\r\n", upstream.Request);
    }

    [Theory]
    [InlineData("/api/..%2Fadmin")]
    [InlineData("/api/%2e%2e%2fadmin")]
    [InlineData("/api/x%2F..%2F..%2Fadmin")]
    public async Task Dot_segments_beside_encoded_slashes_are_refused(string target)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith("HTTP/1.1 400 ", await server.GetAsync(target));

        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task The_path_of_the_upstreams_URL_goes_before()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url + "/base/");

        Assert.StartsWith(Fine, await server.GetAsync("/a%2Bb?c"));

        Assert.StartsWith("GET /base/a%2Bb?c HTTP/1.1\r\n", upstream.Request);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("Post")]
    [InlineData("PROPFIND")]
    [InlineData("M-SEARCH")]
    public async Task The_method_arrives_as_it_came(string method)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith(Fine, await server.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

        Assert.StartsWith($"{method} / HTTP/1.1\r\n", upstream.Request);
    }

    [Fact]
    public async Task The_values_of_fields_are_bytes()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);
        string utf8 = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("café ☕"));

        Assert.StartsWith(Fine, await server.GetAsync("/", $"Cookie: a={utf8}\r\nX-Latin: caf\u00E9 \u00FF\r\n"));

        Assert.Equal([$"Cookie: a={utf8}"], RawUpstream.Fields(upstream.Request, "Cookie"));
        Assert.Equal(["X-Latin: caf\u00E9 \u00FF"], RawUpstream.Fields(upstream.Request, "X-Latin"));
    }

    [Fact]
    public async Task Fields_for_one_connection_go_no_further()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        await server.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\nKeep-Alive: " +
            "timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nUpgrade: x\r\n\r\n");

        foreach (string name in (string[])["X-Hop", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "Connection"])
            Assert.Empty(RawUpstream.Fields(upstream.Request, name));
        Assert.Equal(["X-End: 2"], RawUpstream.Fields(upstream.Request, "X-End"));
    }

    [Fact]
    public async Task The_upstream_learns_who_asked_and_by_what_way_and_not_what_a_client_says_of_itself()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        await server.GetAsync("/", "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: " +
            "for=10.1.2.3\r\nVia: 1.0 fred\r\n");

        Assert.Equal(["X-Forwarded-For: 127.0.0.1"], RawUpstream.Fields(upstream.Request, "X-Forwarded-For"));
        Assert.Equal(["X-Forwarded-Proto: http"], RawUpstream.Fields(upstream.Request, "X-Forwarded-Proto"));
        Assert.Equal(["X-Forwarded-Host: x"], RawUpstream.Fields(upstream.Request, "X-Forwarded-Host"));
        Assert.Equal(["Via: 1.0 fred, 1.1 rcomm"], RawUpstream.Fields(upstream.Request, "Via"));
        Assert.Empty(RawUpstream.Fields(upstream.Request, "Forwarded"));
    }

    [Theory]
    [InlineData("edge-1", "Via: 1.1 edge-1")]
    [InlineData("off", null)]
    public async Task The_name_in_Via_is_a_setting(string via, string? expected)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "via=" + via);

        await server.GetAsync("/");

        Assert.Equal(expected is null ? [] : [expected], RawUpstream.Fields(upstream.Request, "Via"));
    }

    [Fact]
    public async Task What_the_framework_notes_of_a_trusted_proxy_stays_here()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "trusted-proxies=127.0.0.0/8");

        await server.GetAsync("/", "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n");

        Assert.DoesNotContain("X-Original-", upstream.Request, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["X-Forwarded-For: 10.1.2.3"], RawUpstream.Fields(upstream.Request, "X-Forwarded-For"));
        Assert.Equal(["X-Forwarded-Proto: https"], RawUpstream.Fields(upstream.Request, "X-Forwarded-Proto"));
        Assert.Equal(["Host: shop.example"], RawUpstream.Fields(upstream.Request, "Host"));
    }
}
