namespace Rcomm.Tests.Proxy;

/// <summary>A host name is recognized in every form (RFC 5891), for certificates and for routes.</summary>
public sealed class InternationalHostTests : IDisposable
{
    private readonly SampleSite _site = new();

    [Theory]
    [InlineData("b\u00fccher.example", "xn--bcher-kva.example")]
    [InlineData("B\u00dcCHER.example", "XN--BCHER-KVA.Example")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example.")]
    [InlineData("XN--Bcher-KVA.example.", "xn--bcher-kva.example:8443")]
    [InlineData("*.b\u00fccher.example", "shop.xn--bcher-kva.example.:8443")]
    [InlineData("*.xn--bcher-kva.example", "SHOP.xn--bcher-kva.example")]
    [InlineData("\u65e5\u672c\u8a9e.example", "xn--wgv71a119e.example")]
    [InlineData("Example.COM", "example.com.:80")]
    public async Task A_route_has_the_requests_for_its_host_and_no_others(string written, string host)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync("", $"document-root={_site.Root}", SiteOf(written, upstream));

        Assert.EndsWith("ok", await server.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        Assert.EndsWith("ok", await server.SendAsync($"GET http://{host}/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"));
        Assert.Contains("<h1>home</h1>", await server.SendAsync("GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"));
        Assert.Equal(2, upstream.Requests.Count);
        Assert.Equal([$"Host: {host}"], RawUpstream.Fields(upstream.Requests.First(), "Host"));
    }

    [Theory]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("xn--bcher-kva.example", "b\u00fccher.example")]
    [InlineData("xn--bcher-kva.example", "XN--BCHER-kva.EXAMPLE")]
    [InlineData("*.xn--bcher-kva.example", "shop.xn--bcher-kva.example")]
    [InlineData("*.xn--bcher-kva.example", "shop.b\u00fccher.example")]
    [InlineData("xn--wgv71a119e.example", "\u65e5\u672c\u8a9e.example")]
    public async Task The_certificate_of_the_name_is_shown_and_its_route_is_taken(string certificate, string name)
    {
        await using var upstream = RawUpstream.Fine();
        string[] tls = TlsClient.WriteCertificates(_site.Folder, "first.example", certificate);
        await using ProxyServer server = await ProxyServer.StartAsync("", [$"document-root={_site.Root}", SiteOf(certificate, upstream), .. tls]);
        await using TlsClient client = await TlsClient.ConnectAsync(server.Port, name);

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {certificate.Replace("*", "shop", StringComparison.Ordinal)}\r\nConnection: close\r\n\r\n");

        Assert.Equal($"CN={certificate}", client.Subject);
        Assert.EndsWith("ok", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("xn--99999999999.example")]
    [InlineData("unknown.example")]
    public async Task A_name_that_no_certificate_has_gets_the_first(string name)
    {
        string[] tls = TlsClient.WriteCertificates(_site.Folder, "first.example", "xn--bcher-kva.example");
        await using ProxyServer server = await ProxyServer.StartAsync("http://127.0.0.1:1", tls);

        await using TlsClient client = await TlsClient.ConnectAsync(server.Port, name);

        Assert.Equal("CN=first.example", client.Subject);
    }

    [Fact]
    public async Task A_TLS_client_that_has_ended_its_side_gets_its_answer()
    {
        var hasEnded = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await hasEnded.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, TlsClient.WriteCertificates(_site.Folder, "first.example"));
        await using TlsClient client = await TlsClient.ConnectAsync(server.Port, "first.example");
        await client.SendAsync("GET / HTTP/1.1\r\nHost: first.example\r\nConnection: close\r\n\r\n");
        await ProxyServer.UntilAsync(() => !upstream.Requests.IsEmpty);

        await client.EndSendingAsync();
        hasEnded.SetResult();

        Assert.EndsWith("late", await client.ReadToEndAsync());
    }

    // The host has a folder without files, and all its requests go to the upstream.
    private string SiteOf(string host, RawUpstream upstream) =>
        $$"""file={ "hosts": [{ "names": ["{{host}}"], "documentRoot": "{{_site.Root}}", "proxy": [{ "path": "/*", "to": ["{{upstream.Url}}"] }] }] }""";

    public void Dispose() => _site.Dispose();
}
