using Rcomm.Connections.Tls;


namespace Rcomm.Settings;

/// <summary>Reads the settings of HTTPS.</summary>
internal static class TlsSettingsBinder
{
    /// <summary>Null where HTTPS is not asked for.</summary>
    /// <exception cref="ConfigurationException">One of them is wrong, or has no sense without another.</exception>
    public static TlsSettings? Read(SettingSources sources)
    {
        IReadOnlyList<string> certificates = sources.Read(SettingCatalog.TlsCertificate), keys = sources.Read(SettingCatalog.TlsKey);
        bool selfSigned = sources.Read(SettingCatalog.TlsSelfSigned);
        string password = sources.Read(SettingCatalog.TlsPassword);
        if (keys.Count > certificates.Count)
            throw new ConfigurationException($"{sources.Find(SettingCatalog.TlsKey).Quoted}: {keys.Count} keys for {certificates.Count} certificates. Name the certificates in {SettingCatalog.TlsCertificate.Variable}, in the same order.");
        if (certificates.Count == 0 && !selfSigned)
        {
            foreach (Setting needsTls in (ReadOnlySpan<Setting>)[SettingCatalog.HttpsRedirect, SettingCatalog.HttpsPort, SettingCatalog.Hsts, SettingCatalog.Http3])
                if (sources.Find(needsTls) is { Where: not null, Text: not "off" } written)
                    throw new ConfigurationException($"{written.Quoted} needs HTTPS: name certificates in {SettingCatalog.TlsCertificate.Variable}, or try {SettingCatalog.TlsSelfSigned.Flag}.");
            return null;
        }
        return new TlsSettings(
            [.. certificates.Select((path, i) => new CertificateFile(path, i < keys.Count ? keys[i] : null, password))],
            sources.Find(SettingCatalog.TlsCertificate).Where ?? SettingCatalog.TlsCertificate.Variable,
            sources.Read(SettingCatalog.HttpsRedirect), sources.Read(SettingCatalog.HttpsPort), sources.Read(SettingCatalog.Hsts), sources.Read(SettingCatalog.Http3));
    }
}
