using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Rcomm.Shared.Linux;

namespace Rcomm.Connections.Tls;

/// <summary>The files of a certificate, its intermediates and its key: one PEM or PFX file, or two PEM files.</summary>
/// <param name="Key">Null if the key is in the same file.</param>
/// <param name="Names">The settings that name the files.</param>
internal sealed record CertificateFile(string Path, string? Key, string Password, CertificateNames Names)
{
    /// <summary>Loads the certificate.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="CryptographicException">There is no certificate in it, or the key doesn't match.</exception>
    public SslStreamCertificateContext Load()
    {
        bool isPem = Encoding.ASCII.GetString(File.ReadAllBytes(Path)).Contains("-----BEGIN", StringComparison.Ordinal);
        X509Certificate2Collection all = isPem ? [] : X509CertificateLoader.LoadPkcs12CollectionFromFile(Path, Password);
        if (isPem) all.ImportFromPemFile(Path);
        X509Certificate2 own = isPem ? LoadPem() : all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
        X509Certificate2Collection others = [.. all.Where(one => one.Thumbprint != own.Thumbprint)];
        return SslStreamCertificateContext.Create(own, others, offline: true);
    }

    /// <summary>Returns stamps that change when a file does; links are followed, since certbot uses them.</summary>
    public (FileStamp, FileStamp) Stamp() => (StampOf(Path), StampOf(Key ?? Path));

    // The password may belong to another file.
    private X509Certificate2 LoadPem() => Password == "" || !File.ReadAllText(Key ?? Path).Contains("ENCRYPTED", StringComparison.Ordinal)
        ? X509Certificate2.CreateFromPemFile(Path, Key)
        : X509Certificate2.CreateFromEncryptedPemFile(Path, Password, Key);

    private static FileStamp StampOf(string path)
    {
        if (OperatingSystem.IsLinux()) return FileStatus.StampOf(Encoding.UTF8.GetBytes(path + '\0'));
        var file = new FileInfo(path);
        return file.Exists ? new(0, file.Length, file.LastWriteTimeUtc.Ticks, 0) : default;
    }
}
