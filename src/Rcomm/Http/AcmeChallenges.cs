using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>
/// Serves the files that prove control of a name to a certificate authority (RFC 8555, section 8.3), e.g. certbot's. The authority uses plain HTTP, from
/// any address and without a password, so access restrictions don't apply to them.
/// </summary>
internal static class AcmeChallenges
{
    private const string Folder = "/.well-known/acme-challenge/";

    // A token has only the characters of base64url (section 8.3).
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsChallenge(HttpContext context) => IsChallenge(TargetOf(context));

    /// <summary>Answers with the file of a challenge; passes on any other request, and a challenge without a file.</summary>
    /// <param name="trySendFile">Sends the file at a path of the site; false if there is none.</param>
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next, Func<HttpContext, string, Task<bool>> trySendFile)
    {
        if (context.Request.Method is not ("GET" or "HEAD") || !await trySendFile(context, TargetOf(context))) await next(context);
    }

    private static bool IsChallenge(string target) =>
        target.StartsWith(Folder, StringComparison.Ordinal) && target.Length > Folder.Length && !target.AsSpan(Folder.Length)
            .ContainsAnyExcept(TokenCharacters);

    private static string TargetOf(HttpContext context) => context.Feature<IHttpRequestFeature>()!.RawTarget;
}
