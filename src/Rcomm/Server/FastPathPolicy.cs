using Rcomm.Http;
using Rcomm.Settings;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>Decides whether the fast path may answer. It may if the request's key determines everything that the pipeline would do with it.</summary>
internal static class FastPathPolicy
{
    private const int MaxRequest = 4 << 10;
    private const int MaxHeaders = 64;

    /// <summary>Returns why these settings rule it out; null if it may answer.</summary>
    public static string? WhyOff(ServeSettings settings)
    {
        HttpSettings http = settings.Http;
        Limits limits = http.Limits;
        return settings switch
        {
            _ when !OperatingSystem.IsLinux() => "it needs Linux",
            { Transport: not Settings.Transport.Epoll } => "it needs --transport epoll",
            { Proxy.Count: > 0 } => "requests are forwarded to an upstream",
            { Log.RequestId: true } => "each response has its own id (--request-id)",
            _ when http.ProxyProtocol => "connections begin with a PROXY header (--proxy-protocol)",
            _ when http.TrustedProxies.Count > 0 => "trusted proxies determine the client's address (--trusted-proxies)",
            _ when http.Passwords is not null => "a password is required (--htpasswd)",
            _ when http.Allowed.Count + http.Denied.Count > 0 => "addresses are checked (--allow, --deny)",
            _ when http.CorsOrigins.Count > 0 => "origins are checked (--cors)",
            _ when limits.ClientConnections + limits.ClientRate > 0 => "each client is counted (--client-connections, --client-rate)",
            _ when limits.RequestsPerConnection > 0 => "requests are counted (--requests-per-connection)",
            _ => null,
        };
    }

    /// <summary>Returns the size limits of requests answered there: a request that Kestrel would refuse must reach it.</summary>
    public static PlainRequestLimits LimitsOf(Limits limits) =>
        new(Math.Min(MaxRequest, Math.Min(limits.RequestLine, limits.HeaderSize)), Math.Min(MaxHeaders, limits.HeaderCount));
}
