using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Http;

/// <summary>Requires a name and a password (RFC 7617).</summary>
internal sealed class BasicAuthentication(PasswordFile passwords)
{
    private const string Challenge = "Basic realm=\"rcomm\", charset=\"UTF-8\"";

    private volatile PasswordFile _passwords = passwords;

    /// <summary>Switches to the names and passwords of another file.</summary>
    public void Replace(PasswordFile passwords) => _passwords = passwords;

    /// <summary>Returns true if the request has a valid name and password, and sets the user; otherwise adds the challenge to the response.</summary>
    public async Task<bool> AdmitsAsync(HttpContext context)
    {
        if (Read(context.Request.Headers.Authorization) is (string name, string password))
        {
            // Not on this thread: a flood of wrong passwords must not delay other connections.
            if (await Task.Run(() => _passwords.Verify(name, password)))
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "Basic"));
                return true;
            }
        }
        context.Response.Headers.WWWAuthenticate = Challenge;
        return false;
    }

    private static (string Name, string Password)? Read(string? header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out AuthenticationHeaderValue? value)
            || !"Basic".Equals(value.Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            string both = Encoding.UTF8.GetString(Convert.FromBase64String(value.Parameter ?? ""));
            int colon = both.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : (both[..colon], both[(colon + 1)..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
