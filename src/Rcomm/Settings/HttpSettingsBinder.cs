using System.Globalization;
using Rcomm.Http;

namespace Rcomm.Settings;

/// <summary>Reads the settings of who is served, and how much of it.</summary>
internal static class HttpSettingsBinder
{
    /// <exception cref="ConfigurationException">One of them is wrong.</exception>
    public static HttpSettings Read(SettingSources sources) => new()
    {
        Headers = [.. Headers(sources)],
        SecureHeaders = sources.Read(SettingCatalog.Hsts) is { } hsts ? [new("Strict-Transport-Security", string.Create(CultureInfo.InvariantCulture, $"max-age={hsts.TotalSeconds:0}"))] : [],
        CorsOrigins = sources.Read(SettingCatalog.Cors),
        Allowed = sources.Read(SettingCatalog.Allow),
        Denied = sources.Read(SettingCatalog.Deny),
        Passwords = ReadPasswords(sources),
        TrustedProxies = sources.Read(SettingCatalog.TrustedProxies),
        ProxyProtocol = sources.Read(SettingCatalog.ProxyProtocol),
        Limits = new Limits
        {
            ClientConnections = sources.Read(SettingCatalog.ClientConnections),
            ClientRate = sources.Read(SettingCatalog.ClientRate),
            RequestsPerConnection = sources.Read(SettingCatalog.RequestsPerConnection),
            RequestLine = sources.Read(SettingCatalog.MaxRequestLine),
            HeaderCount = sources.Read(SettingCatalog.MaxHeaders),
            HeaderSize = sources.Read(SettingCatalog.MaxHeaderSize),
            Body = sources.Read(SettingCatalog.MaxBody),
            HeaderTimeout = sources.Read(SettingCatalog.HeaderTimeout),
            IdleTimeout = sources.Read(SettingCatalog.IdleTimeout),
            MinRate = sources.Read(SettingCatalog.MinRate),
        },
    };

    private static IEnumerable<KeyValuePair<string, string>> Headers(SettingSources sources)
    {
        if (sources.Read(SettingCatalog.ServerHeader)) yield return new("Server", "rcomm");
        yield return new("X-Content-Type-Options", "nosniff");
        if (sources.Read(SettingCatalog.FrameOptions) is not "" and var frames) yield return new("X-Frame-Options", frames);
        if (sources.Read(SettingCatalog.ReferrerPolicy) is not "" and var referrer) yield return new("Referrer-Policy", referrer);
        if (sources.Read(SettingCatalog.ContentSecurityPolicy) is not "" and var policy) yield return new("Content-Security-Policy", policy);
    }

    private static PasswordFile? ReadPasswords(SettingSources sources)
    {
        string path = sources.Read(SettingCatalog.Htpasswd);
        try
        {
            return path == "" ? null : PasswordFile.Read(path);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{sources.Find(SettingCatalog.Htpasswd).Quoted}: {e.Message}.");
        }
    }
}
