using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Proxy;
using Rcomm.Settings;

namespace Rcomm.Tests.Proxy;

/// <summary>The addresses of upstreams, and which requests they get.</summary>
public sealed class UpstreamTests
{
    [Theory]
    [InlineData("http://127.0.0.1:3000", "127.0.0.1:3000", "")]
    [InlineData("127.0.0.1:3000", "127.0.0.1:3000", "")]
    [InlineData(":3000", "127.0.0.1:3000", "")]
    [InlineData("localhost:3000", "localhost:3000", "")]
    [InlineData("http://[::1]:3000/", "[::1]:3000", "")]
    [InlineData("https://app.example.com/base/", "app.example.com", "/base")]
    [InlineData("http://bücher.example", "xn--bcher-kva.example", "")]
    [InlineData("unix:/run/app.sock", "localhost", "")]
    [InlineData("unix:@app", "localhost", "")]
    public void An_upstream_is_a_URL_an_address_or_a_Unix_socket(string text, string authority, string basePath)
    {
        Assert.True(UpstreamAddress.TryParse(text, out UpstreamAddress? address));
        Assert.Equal((authority, basePath), (address.Authority, address.BasePath));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("ftp://a")]
    [InlineData("unix:app.sock")]
    [InlineData("unix:")]
    [InlineData("http://")]
    [InlineData("http://a/?b=c")]
    [InlineData("http://user:secret@a")]
    [InlineData("a:99999")]
    public void Anything_else_is_none(string text) => Assert.False(UpstreamAddress.TryParse(text, out _));

    [Theory]
    [InlineData("/api*")]
    [InlineData("api/*")]
    [InlineData("/a/*/b")]
    [InlineData("/{id}")]
    [InlineData("")]
    [InlineData("/a?b")]
    public async Task A_path_that_no_route_can_have_is_told_before_anything_is_served(string path)
    {
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(
            () => ProxyServer.StartAsync("", "document-root=/tmp", $$"""proxy=[{ "path": "{{path}}", "to": ["http://127.0.0.1:1"] }]"""));

        Assert.Contains("isn't a valid path. Write a path, e.g. /api, or /api/*", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/x", true)]
    [InlineData("/api", true)]
    [InlineData("/api/", true)]
    [InlineData("/%61pi/x", true)]
    [InlineData("/API/x", false)]
    [InlineData("/apis", false)]
    [InlineData("/api/../x", false)]
    public async Task A_route_takes_its_paths_letter_for_letter(string path, bool isTaken)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(
            "", "document-root=/tmp", $$"""proxy=[{ "path": "/api/*", "to": ["{{upstream.Url}}"] }]""");

        string answer = await server.GetAsync(path);

        Assert.Equal(isTaken, answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
        Assert.Equal(isTaken ? 1 : 0, upstream.Requests.Count);
    }

    [Fact]
    public async Task An_upstream_may_be_a_Unix_socket()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var upstream = RawUpstream.Fine(RawUpstream.Bind(new UnixDomainSocketEndPoint(path)));
        await using ProxyServer server = await ProxyServer.StartAsync("unix:" + path);

        Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync("/a%2Bb"));

        Assert.StartsWith("GET /a%2Bb HTTP/1.1\r\nHost: x\r\n", upstream.Request);
        File.Delete(path);
    }

    [Fact]
    public async Task An_https_upstream_is_trusted_by_the_authority_that_was_named_and_by_no_other()
    {
        using var key = RSA.Create(2048);
        var asked = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        asked.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = asked.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await using var tls = new SslStream(new NetworkStream(connection.Socket));
            await tls.AuthenticateAsServerAsync(certificate);
            byte[] buffer = new byte[4096];
            if (await tls.ReadAsync(buffer) > 0) await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        await using ProxyServer trusting = await ProxyServer.StartAsync($"https://localhost:{upstream.Port}", "upstream-ca=" + file);
        await using ProxyServer other = await ProxyServer.StartAsync($"https://localhost:{upstream.Port}");
        await using ProxyServer wrongName = await ProxyServer.StartAsync($"https://127.0.0.1:{upstream.Port}", "upstream-ca=" + file);
        File.Delete(file);

        Assert.StartsWith("HTTP/1.1 200 ", await trusting.GetAsync("/"));
        Assert.StartsWith("HTTP/1.1 502 ", await other.GetAsync("/"));
        Assert.StartsWith("HTTP/1.1 502 ", await wrongName.GetAsync("/"));

        await ProxyServer.UntilAsync(() => other.Log.Any(line => line.Contains("its certificate isn't trusted", StringComparison.Ordinal)));
        await ProxyServer.UntilAsync(() => wrongName.Log.Any(line => line.Contains("its certificate isn't for 127.0.0.1", StringComparison.Ordinal)));
        LogTests.HasNoTraces(other.Log);
    }

    [Fact]
    public async Task A_file_of_authorities_that_has_none_is_told_at_the_start()
    {
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(
            () => ProxyServer.StartAsync("https://localhost:1", "upstream-ca=/nonexistent/ca.pem"));

        Assert.Contains("--upstream-ca=/nonexistent/ca.pem: the file can't be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_that_stays_silent_is_504()
    {
        await using RawUpstream upstream = RawUpstream.Start(connection => Task.Delay(Timeout.Infinite, connection.Stop));
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-timeout=200ms");

        Assert.StartsWith("HTTP/1.1 504 ", await server.GetAsync("/"));
    }

    [Fact]
    public async Task Connections_are_used_again()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        for (int i = 0; i < 10; i++) Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync("/"));

        Assert.Equal(1, upstream.Connections);
    }
}
