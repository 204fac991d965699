using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Burst;
using Rcomm.Settings;
using static Rcomm.BurstReports.Options.OptionValue;

namespace Rcomm.BurstReports.Options;

/// <summary>The TLS options of a burst.</summary>
internal sealed class TlsOptions
{
    private readonly Option<bool> _insecure = Switch("--insecure", "accept any certificate", "-k");
    private readonly Option<string?> _caCertificate = Of("--cacert", "FILE", "trust these roots (PEM) instead of the system's");
    private readonly Option<string?> _certificate = Of("--cert", "FILE", "the client's certificate (PEM), for servers that ask for one");
    private readonly Option<string?> _key = Of("--key", "FILE", "the key of --cert (PEM), if it isn't in the same file");
    private readonly Option<bool> _resume = Switch("--resume", "resume a TLS session, like returning clients");
    private readonly Option<string?> _alpn = Of("--alpn", "NAMES", "application protocols to offer, e.g. h2,http/1.1 [the one in use]");

    public IReadOnlyList<Option> All => [_insecure, _caCertificate, _certificate, _key, _resume, _alpn];

    /// <exception cref="ConfigurationException">A file can't be used, or an option doesn't apply.</exception>
    public BurstTls Tls(ParseResult parsed, BurstTarget target)
    {
        if (!target.IsTls && All.FirstOrDefault(parsed.IsGiven) is { } given)
            throw new ConfigurationException($"{given.Name} is about TLS, and {target.Url} has none; write an https:// or wss:// URL, or leave it out");
        return new()
        {
            AcceptAnyCertificate = parsed.GetValue(_insecure),
            TrustedRoots = parsed.GetValue(_caCertificate) is { } roots ? Roots(roots) : null,
            ClientCertificate = ClientCertificate(parsed),
            Resume = parsed.GetValue(_resume),
            ApplicationProtocols = parsed.GetValue(_alpn)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };
    }

    private X509Certificate2Collection Roots(string file) => Using(_caCertificate, file, () =>
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new CryptographicException("it has no certificate in PEM form.");
    });

    private SslStreamCertificateContext? ClientCertificate(ParseResult parsed)
    {
        string? certificate = parsed.GetValue(_certificate), key = parsed.GetValue(_key);
        if (certificate is null)
            return key is null ? null : throw new ConfigurationException($"{_key.Name} {key}: a key needs its certificate; add {_certificate.Name} FILE");
        return Using(_certificate, certificate, () =>
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificate, key);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(certificate);
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        });
    }

    private static T Using<T>(Option option, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{option.Name} {file}: {e.Message} Name a PEM file that this user may read.");
        }
    }
}
