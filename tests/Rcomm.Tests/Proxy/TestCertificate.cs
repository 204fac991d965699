using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Tests.Proxy;

/// <summary>A certificate for localhost that is its own authority, and its files.</summary>
internal sealed class TestCertificate : IDisposable
{
    public TestCertificate()
    {
        using var key = RSA.Create(2048);
        var asked = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        asked.CertificateExtensions.Add(names.Build());
        Certificate = asked.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificateFile, Certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Certificate { get; }

    public string CertificateFile { get; } = Path.GetTempFileName();

    public string KeyFile { get; } = Path.GetTempFileName();

    public void Dispose()
    {
        Certificate.Dispose();
        File.Delete(CertificateFile);
        File.Delete(KeyFile);
    }
}
