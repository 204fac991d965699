using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Rcomm.Tests.Proxy;

/// <summary>A client that accepts any certificate, and certificates for its server.</summary>
internal sealed class TlsClient(SslStream stream) : IAsyncDisposable
{
    /// <summary>The subject of the server's certificate.</summary>
    public string Subject => stream.RemoteCertificate!.Subject;

    /// <summary>Connects with this server name.</summary>
    public static async Task<TlsClient> ConnectAsync(int port, string name)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return new(stream);
    }

    public async Task SendAsync(string latin1)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(latin1));
        await stream.FlushAsync();
    }

    /// <summary>Closes the sending side (RFC 8446, section 6.1); the server may still respond.</summary>
    public Task EndSendingAsync() => stream.ShutdownAsync();

    /// <summary>What the server sends until it ends, as Latin-1.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(ProxyServer.WaitTimeout);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, limit.Token);
        return Encoding.Latin1.GetString(read.ToArray());
    }

    /// <summary>Writes a certificate for names into a file with its key, and returns the settings for it.</summary>
    public static string[] WriteCertificates(string folder, params string[] names)
    {
        List<string> files = [];
        foreach (string name in names)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            var alternatives = new SubjectAlternativeNameBuilder();
            alternatives.AddDnsName(name);
            request.CertificateExtensions.Add(alternatives.Build());
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            string file = Path.Combine(folder, $"{files.Count}.pem");
            File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
            files.Add(file);
        }
        return [$"tls-certificate={string.Join(',', files)}"];
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
