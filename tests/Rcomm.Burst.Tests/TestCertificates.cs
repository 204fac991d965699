using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Burst.Tests;

/// <summary>A certificate authority for this test run, and the certificates that it signs.</summary>
internal static class TestCertificates
{
    private static readonly ECDsa RootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static X509Certificate2 Root { get; } = MakeRoot();

    public static X509Certificate2Collection Roots => [Root];

    public static X509Certificate2 Localhost { get; } = Issue("localhost", DateTimeOffset.UtcNow.AddDays(1));

    public static X509Certificate2 Expired { get; } = Issue("localhost", DateTimeOffset.UtcNow.AddHours(-1));

    public static X509Certificate2 OfAnotherName { get; } = Issue("other.example", DateTimeOffset.UtcNow.AddDays(1));

    public static SslStreamCertificateContext Client { get; } =
        SslStreamCertificateContext.Create(Issue("a client", DateTimeOffset.UtcNow.AddDays(1)), null, offline: true);

    /// <summary>Writes a certificate and its key as PEM files, and the root; returns their paths.</summary>
    public static (string Certificate, string Key, string Root) Write(X509Certificate2 certificate, string folder)
    {
        (string file, string key, string root) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "root.pem"));
        using ECDsa own = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, own.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(root, Root.ExportCertificatePem());
        return (file, key, root);
    }

    private static X509Certificate2 MakeRoot()
    {
        var request = new CertificateRequest("CN=a root for tests", RootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-3), DateTimeOffset.UtcNow.AddDays(3));
    }

    private static X509Certificate2 Issue(string name, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name.Replace(' ', '-'));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 bare = request.Create(Root, DateTimeOffset.UtcNow.AddDays(-2), until, RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
