using System.Globalization;
using System.Net;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy.Http2;

/// <summary>Converts requests and responses between the proxy's form and that of .NET's client.</summary>
internal static class Http2Message
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // .NET's client changes these to upper case.
    private static readonly HashSet<string> Known =
        new(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates a request without fields.</summary>
    public static HttpRequestMessage To(UpstreamAddress address, HttpMethod method, string target) =>
        new(method, new Uri($"{(address.IsTls ? "https" : "http")}://{address.Authority}{address.BasePath}{target}", in AsItIs))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    /// <summary>
    /// Creates a client's request; returns null if .NET's client can't send it unchanged: a known method in lower case, <c>OPTIONS *</c>, a host that
    /// isn't a valid name.
    /// </summary>
    public static HttpRequestMessage? Of(OutgoingRequest request, UpstreamAddress address, RequestContent? content)
    {
        if (request.Target == "*" || (Known.TryGetValue(request.Method, out string? known) && known != request.Method)) return null;
        HttpRequestMessage message = To(address, new HttpMethod(request.Method), request.Target);
        message.Content = content;
        // Without this, the length isn't sent.
        if (content is { Length: >= 0 }) content.Headers.ContentLength = content.Length;
        if (request.Host != "") message.Headers.TryAddWithoutValidation("Host", request.Host);
        if (request.Host != "" && message.Headers.Host != request.Host) return null;
        var fields = new Fields(message);
        request.WriteFields(ref fields);
        if (request.AcceptsTrailers) message.Headers.TryAddWithoutValidation("TE", "trailers");
        return message;
    }

    /// <summary>Returns the head of a response in the proxy's form.</summary>
    /// <exception cref="UpstreamException">Its Content-Length isn't valid.</exception>
    public static ResponseHead HeadOf(HttpResponseMessage response)
    {
        var head = new ResponseHead { Status = (int)response.StatusCode };
        foreach ((string name, var values) in response.Headers.NonValidated)
            foreach (string value in values) head.Fields.Add((name, value));
        foreach ((string name, var values) in response.Content.Headers.NonValidated)
            foreach (string value in values)
            {
                if (FieldRules.Is(name, "Content-Length")) Take(head, value);
                if (FieldRules.Is(name, "Content-Type")) head.IsEventStream = value.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
                head.Fields.Add((name, value));
            }
        return head;
    }

    private static void Take(ResponseHead head, string value)
    {
        if (head.ContentLength >= 0 || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
            throw new UpstreamException(UpstreamFailure.BadAnswer, "its Content-Length is invalid or duplicated");
        head.ContentLength = length;
    }

    private readonly struct Fields(HttpRequestMessage message) : IFieldWriter
    {
        public void WriteField(string name, string value)
        {
            if (message.Headers.TryAddWithoutValidation(name, value)) return;
            // A field that .NET's client assigns to the content, which may be missing.
            message.Content ??= new ByteArrayContent([]);
            message.Content.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
