using Rcomm.Connections.Tls;
using Rcomm.Settings.Groups;


namespace Rcomm.Settings;

/// <summary>Reads the settings of HTTPS.</summary>
internal static class TlsSettingsBinder
{
    /// <summary>Returns null if HTTPS isn't configured.</summary>
    /// <exception cref="ConfigurationException">A setting isn't valid, or needs another one.</exception>
    public static TlsSettings? Read(SettingSources sources)
    {
        IReadOnlyList<string> certificates = sources.Read(HttpsGroup.Certificate), keys = sources.Read(HttpsGroup.Key);
        bool selfSigned = sources.Read(HttpsGroup.SelfSigned);
        string password = sources.Read(HttpsGroup.Password);
        if (keys.Count > certificates.Count)
            throw new ConfigurationException($"{sources.Find(HttpsGroup.Key).Quoted}: {keys.Count} keys for {certificates.Count} certificates. " +
                $"Name the certificates in {HttpsGroup.Certificate.Variable}, in the same order.");
        if (certificates.Count == 0 && !selfSigned)
        {
            foreach (Setting needsTls in (ReadOnlySpan<Setting>)[HttpsGroup.Redirect, HttpsGroup.RedirectPort, HttpsGroup.Hsts, HttpsGroup.Http3])
                if (sources.Find(needsTls) is { Where: not null, Text: not "off" } written)
                    throw new ConfigurationException($"{written.Quoted} needs HTTPS: name certificates in {HttpsGroup.Certificate.Variable}, " +
                        $"or try {HttpsGroup.SelfSigned.Flag}.");
            return null;
        }
        CertificateNames names = Names(sources);
        return new TlsSettings(
            [.. certificates.Select((path, i) => new CertificateFile(path, i < keys.Count ? keys[i] : null, password, names))],
            sources.Read(HttpsGroup.Redirect), sources.Read(HttpsGroup.RedirectPort), sources.Read(HttpsGroup.Hsts), sources.Read(HttpsGroup.Http3));
    }

    // A setting that was not written is named like those that were.
    private static CertificateNames Names(SettingSources sources)
    {
        string? certificate = sources.Find(HttpsGroup.Certificate).Where;
        bool usesFlags = certificate is null || certificate.StartsWith("--", StringComparison.Ordinal);
        string NameOf(Setting setting) => sources.Find(setting).Where ?? (usesFlags ? setting.Flag : setting.Variable);
        return new(NameOf(HttpsGroup.Certificate), NameOf(HttpsGroup.Key), NameOf(HttpsGroup.Password));
    }
}
