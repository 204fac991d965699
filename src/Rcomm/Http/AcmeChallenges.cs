using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>
/// The files by which somebody proves to a certificate authority that a name is theirs (RFC 8555, section 8.3), e.g. those of certbot. The authority comes
/// by plain HTTP, from any address and without a password, so that whatever keeps others out doesn't apply to them.
/// </summary>
internal static class AcmeChallenges
{
    private const string Folder = "/.well-known/acme-challenge/";

    // Section 8.3: a token has the characters of base64url and nothing else.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsChallenge(HttpContext context) => IsChallenge(TargetOf(context));

    /// <summary>Answers with the file of a challenge; hands on any other request, and a challenge that there is no file for.</summary>
    /// <param name="trySendFile">Sends the file at a path of the site; false where there is none.</param>
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next, Func<HttpContext, string, Task<bool>> trySendFile)
    {
        if (context.Request.Method is not ("GET" or "HEAD") || !await trySendFile(context, TargetOf(context))) await next(context);
    }

    private static bool IsChallenge(string target) =>
        target.StartsWith(Folder, StringComparison.Ordinal) && target.Length > Folder.Length && !target.AsSpan(Folder.Length)
            .ContainsAnyExcept(TokenCharacters);

    private static string TargetOf(HttpContext context) => context.Feature<IHttpRequestFeature>()!.RawTarget;
}
