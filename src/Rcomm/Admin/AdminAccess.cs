using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;

namespace Rcomm.Admin;

/// <summary>Who may use the admin address, and how.</summary>
/// <param name="Hosts">Host names it answers to, besides addresses, localhost and this machine's name.</param>
/// <param name="Token">The token that a request must carry; null for none.</param>
internal sealed record AdminSettings(IReadOnlyList<string> Hosts, string? Token);

/// <summary>
/// Controls access to the admin address. Every path allows only GET and HEAD. Probes are answered for everyone. Anything else needs a host name that
/// belongs to this server: otherwise a page of another site could make a browser request <c>its.own.name</c> at this address (DNS rebinding) and read the
/// answer. If there is a token, it needs the token too.
/// </summary>
internal sealed class AdminAccess(AdminSettings settings)
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    private readonly HashSet<string> _hosts = new(
        settings.Hosts.Append("localhost").Append(Dns.GetHostName()).Select(name => HostName.Normalize(name) ?? name), StringComparer.OrdinalIgnoreCase);
    private readonly byte[]? _token = settings.Token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(settings.Token));

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return TextAnswer.SendAsync(context, StatusCodes.Status405MethodNotAllowed, "405 Method Not Allowed\n");
        }
        if (context.Request.Path.Value is "/healthz" or "/readyz") return next(context);
        if (!IsOurs(context.Request.Headers.Host.ToString()))
            return TextAnswer.SendAsync(context, StatusCodes.Status421MisdirectedRequest,
                "421 Misdirected Request. Use the server's address or localhost, or allow this name with --admin-hosts.\n");
        if (_token is not null && !HasToken(context.Request.Headers.Authorization.ToString()))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"rcomm admin\", charset=\"UTF-8\"";
            return TextAnswer.SendAsync(context, StatusCodes.Status401Unauthorized,
                "401 Unauthorized. Send the admin token as a bearer token, or as the password of any user.\n");
        }
        return next(context);
    }

    // HTTP/1.0 and Unix sockets may lack a host name; a browser always sends one.
    private bool IsOurs(string host)
    {
        if (host == "") return true;
        string name = HostName.WithoutPort(host).ToString();
        return IPAddress.TryParse(name.Trim('[', ']'), out _) || (HostName.Normalize(name) is { } normal && _hosts.Contains(normal));
    }

    private bool HasToken(string authorization)
    {
        string? given = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : PasswordIn(authorization);
        return given is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _token);
    }

    private static string? PasswordIn(string authorization)
    {
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return null;
        byte[] both = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), both, out int length)) return null;
        string text = Encoding.UTF8.GetString(both, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }
}
