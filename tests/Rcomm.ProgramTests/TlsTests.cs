using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.ProgramTests;

public sealed class TlsTests : IDisposable
{
    private readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task A_certificate_for_trying_out_serves_both_HTTP_versions_and_no_old_TLS()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-self-signed --hsts 365d");
        using HttpClient http = TrustingClient(server.Port);

        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "howdy") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage answer = await http.SendAsync(request);
            Assert.Equal(version, answer.Version);
            Assert.Equal("<h1>howdy</h1>", await answer.Content.ReadAsStringAsync());
            Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        }
#pragma warning disable SYSLIB0039, CA5397 // An old version, to be refused.
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(server.Port, "localhost", SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
        await server.ErrorLineAsync($"https://127.0.0.1:{server.Port}/");
    }

    [Fact]
    public async Task Each_name_gets_the_certificate_that_has_it()
    {
        string one = Write("one", "one.example", "*.wild.example"), two = Write("two", "two.example");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-certificate {one}.pem,{two}.pem --tls-key {one}.key,{two}.key");

        Assert.Equal("CN=one.example", await HandshakeAsync(server.Port, "one.example"));
        Assert.Equal("CN=two.example", await HandshakeAsync(server.Port, "two.example"));
        Assert.Equal("CN=one.example", await HandshakeAsync(server.Port, "a.wild.example"));
        Assert.Equal("CN=one.example", await HandshakeAsync(server.Port, "unknown.example"));
    }

    [Fact]
    public async Task A_PFX_file_with_a_password_does_too_and_the_password_is_not_shown()
    {
        using X509Certificate2 certificate = Make("pfx.example");
        string path = Path.Combine(_site.Folder, "site.pfx");
        await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pfx, "open sesame"));
        string open = Write("open", "open.example");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-certificate {open}.pem,{path} --tls-key {open}.key",
            "RCOMM_TLS_PASSWORD=open sesame");
        await server.ErrorLineAsync("tls-password = (not shown)");

        Assert.Equal("CN=pfx.example", await HandshakeAsync(server.Port, "pfx.example"));
        Assert.Equal("CN=open.example", await HandshakeAsync(server.Port, "open.example"));
        Assert.DoesNotContain("sesame", server.Output + server.Errors);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_is_used_without_a_restart()
    {
        string path = Write("live", "before.example");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-certificate {path}.pem --tls-key {path}.key");
        Assert.Equal("CN=before.example", await HandshakeAsync(server.Port, "x"));

        Write("live", "after.example");
        await server.ErrorLineAsync("has changed and is used from now on");

        Assert.Equal("CN=after.example", await HandshakeAsync(server.Port, "x"));
    }

    [Fact]
    public async Task Plain_HTTP_is_sent_to_HTTPS_except_the_challenges_of_a_certificate_authority()
    {
        _site.Write(".well-known/acme-challenge/token", "proof");
        int port = FreePort.Next();
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-self-signed --hsts 365d --https-redirect 127.0.0.1:{port}");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        using HttpResponseMessage answer = await http.GetAsync("howdy?a=b");

        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal($"https://127.0.0.1:{server.Port}/howdy?a=b", answer.Headers.Location!.ToString());
        Assert.Equal("proof", await http.GetStringAsync(".well-known/acme-challenge/token"));
    }

    [Fact]
    public async Task The_redirect_leads_to_the_port_that_clients_see()
    {
        int port = FreePort.Next();
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-self-signed --https-redirect 127.0.0.1:{port} --https-port 443");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/howdy"));

        Assert.Equal("https://127.0.0.1/howdy", answer.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("--tls-self-signed --https-redirect 127.0.0.1:{port}")]
    [InlineData("--tls-self-signed --https-redirect 127.0.0.1:{port} --deny 127.0.0.1")]
    [InlineData("--listen 127.0.0.1:{port} --allow 10.0.0.0/8")]
    [InlineData("--listen 127.0.0.1:{port} --htpasswd {folder}/htpasswd")]
    [InlineData("--listen 127.0.0.1:{port} --config {folder}/rules.json")]
    [InlineData("--listen 127.0.0.1:{port} --upstream http://127.0.0.1:9")]
    public async Task Challenges_of_a_certificate_authority_are_answered_whatever_guards_the_site(string arguments)
    {
        const string challenge = ".well-known/acme-challenge/";
        _site.Write(challenge + "Token-_1", "proof");
        _site.Write(challenge + "secret.txt", "guarded");
        // alice: wonderland
        await File.WriteAllTextAsync(Path.Combine(_site.Folder, "htpasswd"), "alice:$2y$04$qrrBmEEQOoK5a5jALt.fzexjxblqaCAgiTNYAu58rAv.yIxxXbOtC\n");
        await File.WriteAllTextAsync(Path.Combine(_site.Folder, "rules.json"),
            """{ "site": { "redirects": [{ "from": "/*", "to": "https://other.example/" }] } }""");
        int port = FreePort.Next();
        string filled = arguments.Replace("{port}", $"{port}").Replace("{folder}", _site.Folder);
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} {filled}");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        Assert.Equal("proof", await http.GetStringAsync(challenge + "Token-_1"));
        using HttpResponseMessage other = await http.GetAsync(challenge + "secret.txt");
        Assert.NotEqual(HttpStatusCode.OK, other.StatusCode);
        using HttpResponseMessage page = await http.GetAsync("howdy");
        Assert.NotEqual(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task HTTP_3_is_served_or_a_line_says_why_not()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --tls-self-signed --http3");

        if (!QuicIsSupported) await server.ErrorLineAsync("HTTP/3 is off: this system has no libmsquic");
        else
        {
            using HttpClient http = TrustingClient(server.Port);
            using var request = new HttpRequestMessage(HttpMethod.Get,
                "howdy") { Version = HttpVersion.Version30, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage answer = await http.SendAsync(request);
            Assert.Equal("<h1>howdy</h1>", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("--tls-certificate nowhere.pem", "--tls-certificate: nowhere.pem: there is no such file.")]
    [InlineData("--tls-certificate {one}.pem", "--tls-certificate: {one}.pem has a certificate, but no private key: name the file with its key in --tls-key.")]
    [InlineData("--tls-certificate {one}.pem --tls-key {two}.key", "the key in {two}.key doesn't belong to the certificate in {one}.pem")]
    [InlineData("--tls-certificate {one}.key", "--tls-certificate: {one}.key has no certificate, only a private key")]
    [InlineData("--tls-certificate {one}.pem --tls-key {one}.pem", "--tls-key: {one}.pem has no private key")]
    [InlineData("--tls-certificate {site}/page.html", "isn't a certificate in PEM or PFX")]
    [InlineData("--tls-certificate {broken}.pem --tls-key {one}.key", "--tls-certificate: a certificate in {broken}.pem is damaged")]
    [InlineData("--tls-certificate {one}.pem --tls-key {broken}.key", "--tls-key: the key in {broken}.key is damaged")]
    [InlineData("--tls-key {one}.key", "1 keys for 0 certificates")]
    [InlineData("--hsts 1d", "--hsts=1d needs HTTPS")]
    [InlineData("--https-redirect 127.0.0.1:0", "needs HTTPS")]
    [InlineData("--https-port 443", "needs HTTPS")]
    public async Task A_certificate_that_cannot_be_used_is_told_at_the_start(string arguments, string error)
    {
        string one = Write("one", "one.example"), two = Write("two", "two.example");
        string broken = Path.Combine(_site.Folder, "broken");
        await File.WriteAllTextAsync(broken + ".pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(broken + ".key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        string Filled(string text) => text.Replace("{one}", one).Replace("{two}", two).Replace("{broken}", broken).Replace("{site}", _site.Root);

        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve --port 0 {_site.Root} {Filled(arguments)}");

        Assert.Equal(2, exitCode);
        Assert.Contains(Filled(error), errors);
    }

    private static bool QuicIsSupported =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) && System.Net.Quic.QuicListener.IsSupported;

    // These tests check which certificate is used; none of them is trusted here.
    private static bool Whichever(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static HttpClient TrustingClient(int port) => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = Whichever } })
    {
        BaseAddress = new Uri($"https://localhost:{port}/"),
    };

    private static async Task<string> HandshakeAsync(int port, string name, SslProtocols protocols = SslProtocols.None)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = protocols,
            RemoteCertificateValidationCallback = Whichever,
        });
        return tls.RemoteCertificate!.Subject;
    }

    private string Write(string file, params string[] names)
    {
        using X509Certificate2 certificate = Make(names);
        string path = Path.Combine(_site.Folder, file);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(path + ".pem", certificate.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 Make(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names) alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
