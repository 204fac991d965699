using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Peers;

/// <summary>The served files, and a folder for configurations and logs; removed at the end.</summary>
internal sealed class Folders : IDisposable
{
    public const int LargeFileMiB = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm-peers");

    public Folders()
    {
        // nginx's workers run as another user.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0x1ED);
        Root = _folder.CreateSubdirectory("root").FullName;
        Scratch = _folder.CreateSubdirectory("scratch").FullName;
        File.WriteAllText(Path.Combine(Root, "page.txt"), new string('x', 1023) + "\n");
        Certificate = WriteCertificate(Path.Combine(_folder.FullName, "localhost.pem"));
        byte[] mebibyte = new byte[1 << 20];
        new Random(1).NextBytes(mebibyte);
        using FileStream large = File.Create(Path.Combine(Root, "large.bin"));
        for (int i = 0; i < LargeFileMiB; i++) large.Write(mebibyte);
    }

    public string Root { get; }

    public string Scratch { get; }

    /// <summary>A P-256 certificate for localhost; the key is next to it.</summary>
    public string Certificate { get; }

    private static string WriteCertificate(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
