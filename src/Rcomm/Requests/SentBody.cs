using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>
/// How much of an answer's body was sent, a feature of requests whose Content-Length does not say it: the length was not known before, or the
/// answer may be cut off.
/// </summary>
internal sealed class SentBody
{
    /// <summary>Bytes that the connection has taken.</summary>
    public long Bytes { get; set; }

    /// <summary>The count of a request, from zero where there is none yet.</summary>
    public static SentBody Of(HttpContext context)
    {
        if (context.Features.Get<SentBody>() is { } sent) return sent;
        sent = new SentBody();
        context.Features.Set(sent);
        return sent;
    }
}
