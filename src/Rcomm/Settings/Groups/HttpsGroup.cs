using Rcomm.Listening.Addresses;

namespace Rcomm.Settings.Groups;

/// <summary>Certificates, and what goes with HTTPS.</summary>
internal static class HttpsGroup
{
    public static readonly SettingGroup Group = new("HTTPS");

    public static readonly Setting<IReadOnlyList<string>> Certificate = new(Group, "tls-certificate", "", ValueKinds.Files,
        "serve HTTPS with these certificates: files in PEM or PFX, separated by commas; each is used for the names in it") { IsCommon = true };

    public static readonly Setting<IReadOnlyList<string>> Key = new(Group, "tls-key", "", ValueKinds.Files,
        "the private keys, in the order of the certificates; not needed where they are in the same files");

    public static readonly Setting<string> Password = new(Group, "tls-password", "", ValueKinds.Text,
        "the password of PFX files or of encrypted keys") { IsSecret = true };

    public static readonly Setting<bool> SelfSigned = new(Group, "tls-self-signed", "off", ValueKinds.Switch,
        "serve HTTPS with a certificate made at the start, for trying out");

    public static readonly Setting<IReadOnlyList<ListenAddress>> Redirect = new(Group, "https-redirect", "", ValueKinds.Addresses,
        "addresses at which plain HTTP is redirected to HTTPS, e.g. 0.0.0.0:80");

    public static readonly Setting<int?> RedirectPort = new(Group, "https-port", "", ValueKinds.NumberOrNone(1, 65535),
        "the port that the redirect to HTTPS leads to, if clients reach the server on another one than it listens on, e.g. 443 behind a port mapping");

    public static readonly Setting<TimeSpan?> Hsts = new(Group, "hsts", "", ValueKinds.TimeOrNone,
        "Strict-Transport-Security: how long browsers must use HTTPS only, e.g. 365d");

    public static readonly Setting<bool> Http3 = new(Group, "http3", "off", ValueKinds.Switch,
        "serve HTTP/3 beside HTTPS, where the system has libmsquic");
}
