using Rcomm.Listening.Addresses;

namespace Rcomm.Settings.Groups;

/// <summary>The settings of certificates and HTTPS.</summary>
internal static class HttpsGroup
{
    public static readonly SettingGroup Group = new("HTTPS");

    public static readonly Setting<IReadOnlyList<string>> Certificate = new(Group, "tls-certificate", "", ValueKinds.Files,
        "serve HTTPS with these certificates: PEM or PFX files, separated by commas; each is used for the names in it") { IsCommon = true };

    public static readonly Setting<IReadOnlyList<string>> Key = new(Group, "tls-key", "", ValueKinds.Files,
        "the private keys, in the order of the certificates; not needed if the certificate files contain them");

    public static readonly Setting<string> Password = new(Group, "tls-password", "", ValueKinds.Text,
        "the password of PFX files or of encrypted keys") { IsSecret = true };

    public static readonly Setting<bool> SelfSigned = new(Group, "tls-self-signed", "off", ValueKinds.Switch,
        "serve HTTPS with a certificate created at startup, for testing");

    public static readonly Setting<IReadOnlyList<ListenAddress>> Redirect = new(Group, "https-redirect", "", ValueKinds.Addresses,
        "addresses that redirect plain HTTP to HTTPS, e.g. 0.0.0.0:80");

    public static readonly Setting<int?> RedirectPort = new(Group, "https-port", "", ValueKinds.NumberOrNone(1, 65535),
        "the port that the redirect to HTTPS leads to, if it differs from the port that the server listens on, e.g. 443 behind a port mapping");

    public static readonly Setting<TimeSpan?> Hsts = new(Group, "hsts", "", ValueKinds.TimeOrNone,
        "Strict-Transport-Security: how long browsers must use HTTPS only, e.g. 365d");

    public static readonly Setting<bool> Http3 = new(Group, "http3", "off", ValueKinds.Switch,
        "also serve HTTP/3, if the system has libmsquic");
}
