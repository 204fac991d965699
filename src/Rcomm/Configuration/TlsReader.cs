using Rcomm.Tls;

namespace Rcomm.Configuration;

/// <summary>Reads the settings of HTTPS.</summary>
internal static class TlsReader
{
    /// <summary>Null where HTTPS is not asked for.</summary>
    /// <exception cref="ConfigurationException">One of them is wrong, or has no sense without another.</exception>
    public static TlsSettings? Read(SettingSources sources)
    {
        IReadOnlyList<string> certificates = sources.Read(Settings.TlsCertificate), keys = sources.Read(Settings.TlsKey);
        bool selfSigned = sources.Read(Settings.TlsSelfSigned);
        string password = sources.Read(Settings.TlsPassword);
        if (keys.Count > certificates.Count)
            throw new ConfigurationException($"{sources.Find(Settings.TlsKey).Quoted}: {keys.Count} keys for {certificates.Count} certificates. Name the certificates in {Settings.TlsCertificate.Variable}, in the same order.");
        if (certificates.Count == 0 && !selfSigned)
        {
            foreach (Setting needsTls in (ReadOnlySpan<Setting>)[Settings.HttpsRedirect, Settings.Hsts, Settings.Http3])
                if (sources.Find(needsTls) is { Where: not null, Text: not "off" } written)
                    throw new ConfigurationException($"{written.Quoted} needs HTTPS: name certificates in {Settings.TlsCertificate.Variable}, or try {Settings.TlsSelfSigned.Flag}.");
            return null;
        }
        return new TlsSettings(
            [.. certificates.Select((path, i) => new CertificateFile(path, i < keys.Count ? keys[i] : null, password))],
            sources.Find(Settings.TlsCertificate).Where ?? Settings.TlsCertificate.Variable,
            sources.Read(Settings.HttpsRedirect), sources.Read(Settings.Hsts), sources.Read(Settings.Http3));
    }
}
