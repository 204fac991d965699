using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Rcomm.Connections.Tls;

/// <summary>The settings that name the certificate files, for error messages: <c>--tls-key</c> or <c>RCOMM_TLS_KEY</c>.</summary>
internal sealed record CertificateNames(string Certificate, string Key, string Password);

/// <summary>Describes what is wrong with certificate files that can't be loaded: the framework's errors don't name the file.</summary>
internal static class CertificateFault
{
    private const string Begin = "-----BEGIN", Certificate = Begin + " CERTIFICATE-----", KeyEnd = "PRIVATE KEY-----";

    /// <summary>Returns true for the exceptions of <see cref="CertificateFile.Load"/>.</summary>
    public static bool IsOne(Exception e) => e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    /// <summary>Returns the setting, the file and the reason, without a full stop.</summary>
    public static string Describe(CertificateFile file, Exception e)
    {
        CertificateNames names = file.Names;
        if (ReadProblem(file.Path, out string text) is { } unread) return $"{names.Certificate}: {file.Path}: {unread}";
        string keyText = text;
        if (file.Key is { } keyFile && ReadProblem(keyFile, out keyText) is { } keyUnread) return $"{names.Key}: {keyFile}: {keyUnread}";

        if (!text.Contains(Begin, StringComparison.Ordinal)) return $"{names.Certificate}: {file.Path} {OfPfx(file, names)}";
        if (!text.Contains(Certificate, StringComparison.Ordinal))
            return $"{names.Certificate}: {file.Path} has no certificate{(text.Contains(KeyEnd, StringComparison.Ordinal) ? ", only a private key" : "")}: " +
                $"it doesn't contain \"{Certificate}\"";
        if (!CanReadCertificates(file.Path))
            return $"{names.Certificate}: a certificate in {file.Path} is damaged: what follows \"{Certificate}\" can't be decoded";

        if (!keyText.Contains(KeyEnd, StringComparison.Ordinal))
            return file.Key is null
                ? $"{names.Certificate}: {file.Path} has a certificate, but no private key: name the file with its key in {names.Key}"
                : $"{names.Key}: {file.Key} has no private key: it doesn't contain \"-----BEGIN PRIVATE KEY-----\"";
        string place = file.Key is null ? $"{names.Certificate}: the key in {file.Path}" : $"{names.Key}: the key in {file.Key}";
        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
            return $"{place} is encrypted, and " +
                (file.Password == "" ? $"there is no password: write it in {names.Password}" : $"the password in {names.Password} doesn't open it");
        return e is ArgumentException && !IsDamaged(keyText) ? $"{place} doesn't belong to the certificate in {file.Path}"
            : $"{place} is damaged, or of a kind that isn't supported (RSA and ECDSA are)";
    }

    private static string OfPfx(CertificateFile file, CertificateNames names) =>
        KindOf(file.Path) switch
        {
            X509ContentType.Pfx => file.Password == ""
                ? $"can't be opened without its password: write it in {names.Password}"
                : $"can't be opened: the password in {names.Password} is wrong, or the file has no private key",
            X509ContentType.Cert => "is a certificate in DER, without a key: convert it to PEM (openssl x509 -inform der -in FILE -out FILE.pem)",
            _ => "isn't a certificate in PEM or PFX",
        };

    private static X509ContentType KindOf(string path)
    {
        try
        {
            return X509Certificate2.GetCertContentType(path);
        }
        catch (CryptographicException)
        {
            return X509ContentType.Unknown;
        }
    }

    private static string? ReadProblem(string path, out string text)
    {
        text = "";
        if (Directory.Exists(path)) return "this is a folder; name the file";
        if (!File.Exists(path)) return "there is no such file";
        try
        {
            text = Encoding.ASCII.GetString(File.ReadAllBytes(path));
            return text == "" ? "the file is empty" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"user {Environment.UserName} can't read it";
        }
    }

    private static bool CanReadCertificates(string path)
    {
        try
        {
            new X509Certificate2Collection().ImportFromPemFile(path);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool IsDamaged(string text)
    {
        foreach (Func<AsymmetricAlgorithm> kind in (Func<AsymmetricAlgorithm>[])[() => ECDsa.Create(), () => RSA.Create()])
        {
            using AsymmetricAlgorithm key = kind();
            try
            {
                key.ImportFromPem(text);
                return false;
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                // Of another kind, or corrupt.
            }
        }
        return true;
    }
}
