using System.Globalization;
using Rcomm.Safety;

namespace Rcomm.Configuration;

/// <summary>Reads the settings of who is served, and how much of it.</summary>
internal static class SafetyReader
{
    /// <exception cref="ConfigurationException">One of them is wrong.</exception>
    public static SafetySettings Read(SettingSources sources) => new()
    {
        Headers = [.. Headers(sources)],
        SecureHeaders = sources.Read(Settings.Hsts) is { } hsts ? [new("Strict-Transport-Security", string.Create(CultureInfo.InvariantCulture, $"max-age={hsts.TotalSeconds:0}"))] : [],
        CorsOrigins = sources.Read(Settings.Cors),
        Allowed = sources.Read(Settings.Allow),
        Denied = sources.Read(Settings.Deny),
        Passwords = ReadPasswords(sources),
        TrustedProxies = sources.Read(Settings.TrustedProxies),
        ProxyProtocol = sources.Read(Settings.ProxyProtocol),
        Limits = new Limits
        {
            ClientConnections = sources.Read(Settings.ClientConnections),
            ClientRate = sources.Read(Settings.ClientRate),
            RequestsPerConnection = sources.Read(Settings.RequestsPerConnection),
            RequestLine = sources.Read(Settings.MaxRequestLine),
            HeaderCount = sources.Read(Settings.MaxHeaders),
            HeaderSize = sources.Read(Settings.MaxHeaderSize),
            Body = sources.Read(Settings.MaxBody),
            HeaderTimeout = sources.Read(Settings.HeaderTimeout),
            IdleTimeout = sources.Read(Settings.IdleTimeout),
            MinRate = sources.Read(Settings.MinRate),
        },
    };

    private static IEnumerable<KeyValuePair<string, string>> Headers(SettingSources sources)
    {
        if (sources.Read(Settings.ServerHeader)) yield return new("Server", "rcomm");
        yield return new("X-Content-Type-Options", "nosniff");
        if (sources.Read(Settings.FrameOptions) is not "" and var frames) yield return new("X-Frame-Options", frames);
        if (sources.Read(Settings.ReferrerPolicy) is not "" and var referrer) yield return new("Referrer-Policy", referrer);
        if (sources.Read(Settings.ContentSecurityPolicy) is not "" and var policy) yield return new("Content-Security-Policy", policy);
    }

    private static PasswordFile? ReadPasswords(SettingSources sources)
    {
        string path = sources.Read(Settings.Htpasswd);
        try
        {
            return path == "" ? null : PasswordFile.Read(path);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{sources.Find(Settings.Htpasswd).Quoted}: {e.Message}.");
        }
    }
}
