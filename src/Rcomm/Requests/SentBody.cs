using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>
/// Counts how much of a response's body was sent. A feature of requests whose Content-Length doesn't show it: the length was unknown, or the response may
/// be cut off.
/// </summary>
internal sealed class SentBody
{
    /// <summary>The number of bytes that the connection has taken.</summary>
    public long Bytes { get; set; }

    /// <summary>Returns the count of a request, which starts at zero.</summary>
    public static SentBody Of(HttpContext context)
    {
        if (context.Feature<SentBody>() is { } sent) return sent;
        sent = new SentBody();
        context.Features[typeof(SentBody)] = sent;
        return sent;
    }
}
