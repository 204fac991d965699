using System.Net.Sockets;

namespace Rcomm.ProgramTests;

public sealed class ClientAddressTests : SafetyTestBase
{
    [Theory]
    [InlineData("--allow 127.0.0.0/8", 200)]
    [InlineData("--allow 10.0.0.0/8", 403)]
    [InlineData("--deny 127.0.0.1", 403)]
    [InlineData("--allow 127.0.0.0/8 --deny 127.0.0.1", 403)]
    public async Task Clients_are_served_by_their_address(string arguments, int status)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} {arguments}");

        Assert.StartsWith($"HTTP/1.1 {status} ", await GetAsync(server, "/"));
    }

    [Theory]
    [InlineData("X-Forwarded-For: 203.0.113.7", "203.0.113.7")]
    [InlineData("Forwarded: for=203.0.113.8;proto=https", "203.0.113.8")]
    [InlineData("Forwarded: for=\"[2001:db8::1]:4711\"", "2001:db8::1")]
    [InlineData("X-Forwarded-For: 198.51.100.1, 203.0.113.9", "203.0.113.9")]
    public async Task A_trusted_proxy_says_who_the_client_is(string header, string client)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --trusted-proxies 127.0.0.0/8");

        await server.RawAsync($"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n");

        await server.OutputLineAsync($" {client} GET / 200 ");
    }

    [Fact]
    public async Task What_a_client_itself_says_is_not_taken_for_the_proxys_word()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --trusted-proxies 127.0.0.0/8 --access-log-format json");

        await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nForwarded: for=10.0.0.1;host=evil;proto=https\r\nForwarded: " +
            "for=203.0.113.7\r\n\r\n");

        await server.OutputLineAsync(
            "\"client\":\"203.0.113.7\",\"method\":\"GET\",\"target\":\"/\",\"protocol\":\"HTTP/1.1\",\"scheme\":\"http\",\"host\":\"x\"");
    }

    [Fact]
    public async Task Nobody_else_does()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --trusted-proxies 10.0.0.0/8");

        await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\n\r\n");

        await server.OutputLineAsync(" 127.0.0.1 GET / 200 ");
    }

    [Fact]
    public async Task The_PROXY_protocol_says_who_the_client_is_and_is_needed()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --proxy-protocol");
        const string request = "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        string second = "\r\n\r\n\0\r\nQUIT\n" + "\x21\x11\0\x0c" + "\xcb\0\x71\x0a\x7f\0\0\x01\x10\x92\0\x50";

        Assert.EndsWith("h1 { color: teal }", await server.RawAsync("PROXY TCP4 203.0.113.9 127.0.0.1 4242 80\r\n" + request));
        await server.OutputLineAsync(" 203.0.113.9 GET /style.css 200 ");
        Assert.EndsWith("h1 { color: teal }", await server.RawAsync(second + request));
        await server.OutputLineAsync(" 203.0.113.10 GET /style.css 200 ");
        Assert.EndsWith("h1 { color: teal }", await server.RawAsync("PROXY UNKNOWN\r\n" + request));
        await server.OutputLineAsync(" 127.0.0.1 GET /style.css 200 ");
        await Assert.ThrowsAnyAsync<SocketException>(() => server.RawAsync(request));
    }
}
