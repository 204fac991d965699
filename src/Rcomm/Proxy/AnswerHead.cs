using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy;

/// <summary>Copies the status and the fields of an upstream's response to the client's.</summary>
/// <param name="own">The names of the server's own response fields, which the upstream's fields override.</param>
internal sealed class AnswerHead(IReadOnlyList<string> own)
{
    public void Apply(ResponseHead head, HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = head.Status;
        if (head.Reason is not null) context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = head.Reason;
        IHeaderDictionary headers = response.Headers;
        foreach (string name in own)
            if (head.Fields.Exists(field => FieldRules.Is(field.Name, name))) headers.Remove(name);
        bool isUpgradeRequired = head.Status == StatusCodes.Status426UpgradeRequired && head.HasUpgrade;
        foreach ((string name, string value) in head.Fields)
        {
            if (FieldRules.IsHopByHop(name) || (head.Connection is not null && head.Names(name)))
            {
                // The client must learn which protocol to upgrade to (RFC 9110, section 15.5.22).
                if (!isUpgradeRequired || !FieldRules.Is(name, "Upgrade")) continue;
                headers.Connection = "Upgrade";
            }
            else if (name.Length == 14 && FieldRules.Is(name, "Content-Length"))
            {
                if (head.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)) response.ContentLength = head.ContentLength;
                continue;
            }
            StringValues before = headers[name];
            headers[name] = before.Count == 0 ? value : StringValues.Concat(before, value);
        }
    }

    /// <summary>Removes the fields of a response that turned out not to be valid.</summary>
    public static void Withdraw(ResponseHead head, HttpContext context)
    {
        foreach ((string name, _) in head.Fields) context.Response.Headers.Remove(name);
        context.Response.ContentLength = null;
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
    }
}
