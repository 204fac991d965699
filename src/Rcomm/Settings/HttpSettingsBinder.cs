using System.Globalization;
using Rcomm.Http;
using Rcomm.Settings.Groups;

namespace Rcomm.Settings;

/// <summary>Reads the settings for who is served, and the limits of clients.</summary>
internal static class HttpSettingsBinder
{
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static HttpSettings Read(SettingSources sources) => new()
    {
        Headers = [.. Headers(sources)],
        SecureHeaders = sources.Read(HttpsGroup.Hsts) is { } hsts
            ? [new("Strict-Transport-Security", string.Create(CultureInfo.InvariantCulture, $"max-age={hsts.TotalSeconds:0}"))]
            : [],
        CorsOrigins = sources.Read(SiteGroup.Cors),
        Allowed = sources.Read(AccessGroup.Allow),
        Denied = sources.Read(AccessGroup.Deny),
        Passwords = ReadPasswords(sources),
        TrustedProxies = sources.Read(ProxyGroup.TrustedProxies),
        ProxyProtocol = sources.Read(ProxyGroup.ProxyProtocol),
        Limits = new Limits
        {
            ClientConnections = sources.Read(LimitsGroup.ClientConnections),
            ClientRate = sources.Read(LimitsGroup.ClientRate),
            RequestsPerConnection = sources.Read(LimitsGroup.RequestsPerConnection),
            RequestLine = sources.Read(LimitsGroup.MaxRequestLine),
            HeaderCount = sources.Read(LimitsGroup.MaxHeaders),
            HeaderSize = sources.Read(LimitsGroup.MaxHeaderSize),
            Body = sources.Read(LimitsGroup.MaxBody),
            HeaderTimeout = sources.Read(LimitsGroup.HeaderTimeout),
            IdleTimeout = sources.Read(LimitsGroup.IdleTimeout),
            MinRate = sources.Read(LimitsGroup.MinRate),
        },
    };

    private static IEnumerable<KeyValuePair<string, string>> Headers(SettingSources sources)
    {
        if (sources.Read(SiteGroup.ServerHeader)) yield return new("Server", "rcomm");
        yield return new("X-Content-Type-Options", "nosniff");
        if (sources.Read(SiteGroup.FrameOptions) is not "" and var frames) yield return new("X-Frame-Options", frames);
        if (sources.Read(SiteGroup.ReferrerPolicy) is not "" and var referrer) yield return new("Referrer-Policy", referrer);
        if (sources.Read(SiteGroup.ContentSecurityPolicy) is not "" and var policy) yield return new("Content-Security-Policy", policy);
    }

    private static PasswordFile? ReadPasswords(SettingSources sources)
    {
        string path = sources.Read(AccessGroup.Htpasswd);
        try
        {
            return path == "" ? null : PasswordFile.Read(path);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{sources.Find(AccessGroup.Htpasswd).Quoted}: {e.Message}.");
        }
    }
}
