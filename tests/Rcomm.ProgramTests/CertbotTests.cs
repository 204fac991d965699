using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.ProgramTests;

/// <summary>docs/https.md with Debian's certbot, and with pebble, the ACME test server, instead of a certificate authority.</summary>
public sealed class CertbotTests : IAsyncDisposable
{
    private const string Site = "site.example";

    private readonly SampleSite _site = new();
    private readonly List<Process> _processes = [];

    [Fact]
    public async Task A_certificate_of_certbot_is_used_and_its_renewal_too_without_a_restart()
    {
        foreach (string program in (string[])["certbot", "pebble", "pebble-challtestsrv"])
            Assert.SkipUnless(IsInstalled(program), $"needs {program}, of Debian's packages certbot and pebble");
        int http = FreePort.Next(), https = FreePort.Next(), authority = FreePort.Next();
        await StartAuthorityAsync(authority, http);

        await using (RcommProcess plain = await RcommProcess.ServeAsync($"{_site.Root} --listen 127.0.0.1:{http}"))
        {
            await CertbotAsync($"certonly --webroot -w {_site.Root} -d {Site} --agree-tos --register-unsafely-without-email --server " +
                $"https://127.0.0.1:{authority}/dir");
            await plain.OutputLineAsync("GET /.well-known/acme-challenge/");
            // As in docs/https.md for the key's group: a renewal keeps it.
            File.SetUnixFileMode(Path.Combine(Certbot, "archive", Site, "privkey1.pem"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        string live = Path.Combine(Certbot, "live", Site);
        await File.WriteAllTextAsync(Path.Combine(_site.Folder, "htpasswd"), "alice:$2y$04$qrrBmEEQOoK5a5jALt.fzexjxblqaCAgiTNYAu58rAv.yIxxXbOtC\n");
        await using RcommProcess server = await RcommProcess.ServeAsync(
            $"{_site.Root} --listen 127.0.0.1:{https} --https-redirect 127.0.0.1:{http} --https-port 443 --allow 10.0.0.0/8 --htpasswd {_site.Folder}/htpasswd "
            + $"--tls-certificate {live}/fullchain.pem --tls-key {live}/privkey.pem");
        using X509Certificate2 first = await CertificateAsync(https);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage redirected = await client.GetAsync(new Uri($"http://127.0.0.1:{http}/howdy"));
        Assert.Equal("https://127.0.0.1/howdy", redirected.Headers.Location!.ToString());

        await CertbotAsync("renew --force-renewal --no-random-sleep-on-renew");
        await server.ErrorLineAsync("has changed and is used from now on");

        using X509Certificate2 renewed = await CertificateAsync(https);
        Assert.Contains("Pebble", renewed.Issuer, StringComparison.Ordinal);
        Assert.True(renewed.MatchesHostname(Site));
        Assert.NotEqual(first.SerialNumber, renewed.SerialNumber);
        Assert.True(File.GetUnixFileMode(Path.Combine(Certbot, "archive", Site, "privkey2.pem")).HasFlag(UnixFileMode.GroupRead));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _site.Dispose();
    }

    private string Certbot => Path.Combine(_site.Folder, "letsencrypt");

    private string AuthorityCertificate => Path.Combine(_site.Folder, "authority.pem");

    // The second one resolves every name to 127.0.0.1.
    private async Task StartAuthorityAsync(int port, int httpPort)
    {
        WriteAuthorityCertificate();
        int names = FreePort.Next();
        string config = Path.Combine(_site.Folder, "pebble.json");
        await File.WriteAllTextAsync(config, $$"""
            { "pebble": { "listenAddress": "127.0.0.1:{{port}}", "managementListenAddress": "127.0.0.1:0", "certificate": "{{AuthorityCertificate}}",
              "privateKey": "{{AuthorityCertificate}}.key", "httpPort": {{httpPort}}, "tlsPort": 5001, "ocspResponderURL": "",
              "externalAccountBindingRequired": false } }
            """);
        Start("pebble-challtestsrv", ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", $"127.0.0.1:{names}", "-http01", "", "-https01", "",
            "-tlsalpn01", "", "-management", "127.0.0.1:0"]);
        // Makes pebble validate challenges at once, without artificial delays or errors.
        Start("pebble", ["-config", config, "-dnsserver", $"127.0.0.1:{names}"], ("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_AUTHZREUSE", "0"),
            ("PEBBLE_WFE_NONCEREJECT", "0"));
        await UntilListeningAsync(port);
        await UntilListeningAsync(names);
    }

    private void WriteAuthorityCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(AuthorityCertificate, certificate.ExportCertificatePem());
        File.WriteAllText(AuthorityCertificate + ".key", key.ExportPkcs8PrivateKeyPem());
    }

    private async Task CertbotAsync(string arguments)
    {
        string folders = $"--config-dir {Certbot} --work-dir {_site.Folder}/work --logs-dir {_site.Folder}/logs --non-interactive";
        var start = new ProcessStartInfo("certbot", $"{arguments} {folders}") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REQUESTS_CA_BUNDLE"] = AuthorityCertificate;
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(2 * RcommProcess.WaitTimeout);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    private void Start(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private static async Task UntilListeningAsync(int port)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static async Task<X509Certificate2> CertificateAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        // The test checks which certificate is used; pebble's isn't trusted.
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(Site);
        return X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
    }

    private static bool IsInstalled(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
