using Rcomm.Connections.Tls;
using Rcomm.Settings.Groups;


namespace Rcomm.Settings;

/// <summary>Reads the settings of HTTPS.</summary>
internal static class TlsSettingsBinder
{
    /// <summary>Null where HTTPS is not asked for.</summary>
    /// <exception cref="ConfigurationException">One of them is wrong, or has no sense without another.</exception>
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
        return new TlsSettings(
            [.. certificates.Select((path, i) => new CertificateFile(path, i < keys.Count ? keys[i] : null, password))],
            sources.Find(HttpsGroup.Certificate).Where ?? HttpsGroup.Certificate.Variable,
            sources.Read(HttpsGroup.Redirect), sources.Read(HttpsGroup.RedirectPort), sources.Read(HttpsGroup.Hsts), sources.Read(HttpsGroup.Http3));
    }
}
