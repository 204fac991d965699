using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Rcomm.Settings;

namespace Rcomm.Tests.Proxy;

public sealed class Http2NegotiationTests : Http2TestBase
{
    [Fact]
    public async Task An_upstream_without_HTTP_2_is_502()
    {
        await using RawUpstream upstream = RawUpstream.Answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-http=2");

        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));

        await ProxyServer.UntilAsync(() => server.Log.Any(line => line.StartsWith("upstream ", StringComparison.Ordinal)));
        LogTests.HasNoTraces(server.Log);
    }

    [Fact]
    public async Task Over_TLS_the_upstream_agrees_to_HTTP_2_and_has_the_host_of_the_client()
    {
        using var certificate = new TestCertificate();
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Scheme} {context.Request.Host}"), certificate.Certificate);
        await using ProxyServer server = await ProxyServer.StartAsync($"https://localhost:{upstream.Port}", "upstream-http=2",
            $"upstream-ca={certificate.CertificateFile}");
        await using ProxyServer untrusting = await ProxyServer.StartAsync($"https://localhost:{upstream.Port}", "upstream-http=2");

        Assert.Contains("HTTP/2 https x", await server.GetAsync("/"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 502 ", await untrusting.GetAsync("/"));
        await ProxyServer.UntilAsync(() => untrusting.Log.Any(line => line.Contains("its certificate isn't trusted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Over_TLS_an_upstream_that_does_not_agree_is_502()
    {
        using var certificate = new TestCertificate();
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await using var tls = new System.Net.Security.SslStream(new NetworkStream(connection.Socket));
            await tls.AuthenticateAsServerAsync(certificate.Certificate);
            await tls.CopyToAsync(Stream.Null);
        });
        await using ProxyServer server = await ProxyServer.StartAsync($"https://localhost:{upstream.Port}", "upstream-http=2",
            $"upstream-ca={certificate.CertificateFile}");

        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));
        await ProxyServer.UntilAsync(() => server.Log.Any(line => line.Contains("the TLS handshake for HTTP/2 failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_route_has_a_version_of_its_own()
    {
        await using Http2Upstream two = await Http2Upstream.StartAsync(context => context.Response.WriteAsync(context.Request.Protocol));
        await using var one = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(
            one.Url, $$"""proxy=[{ "path": "/two/*", "to": ["{{two.Url}}"], "http": "2", "health": "/" }]""");

        Assert.Contains("HTTP/2", (await server.GetAsync("/two/x")).Split("\r\n\r\n")[1], StringComparison.Ordinal);
        Assert.Contains("ok", await server.GetAsync("/"), StringComparison.Ordinal);
        await ProxyServer.UntilAsync(() => two.Requests.Contains("GET /"));
        Assert.True(server.Proxy.Status[0].Upstreams[0].Up);
    }

    [Fact]
    public async Task Another_version_is_told_at_the_start()
    {
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(() =>
            ProxyServer.StartAsync("", "document-root=/tmp", """proxy=[{ "path": "/*", "to": ["http://127.0.0.1:1"], "http": "3" }]"""));

        Assert.StartsWith("site.proxy[0].http in ", error.Message, StringComparison.Ordinal);
        Assert.Contains("write 1.1 or 2", error.Message, StringComparison.Ordinal);
    }
}
