namespace Rcomm.Proxy.Http2;

/// <summary>Maps the exceptions of .NET's client to the proxy's failures.</summary>
internal static class Http2Failures
{
    // HTTP_1_1_REQUIRED (RFC 9113, section 7).
    private const long Http11Required = 0xd;

    /// <summary>Returns the failure if no response head arrived.</summary>
    public static UpstreamException BeforeAnswer(Exception e)
    {
        bool hasEnded = false;
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            // The proxy's own exception, from connecting or from the request's body.
            if (inner is UpstreamException own) return own;
            if (inner is HttpProtocolException protocol) return OfReset(UpstreamFailure.NoAnswer, protocol);
            // If the connection ends before the upstream's settings arrive, .NET reports an invalid response, and the end as its cause.
            hasEnded |= inner is HttpIOException http ? http.HttpRequestError == HttpRequestError.ResponseEnded : inner is IOException;
        }
        HttpRequestError error = e is HttpRequestException request ? request.HttpRequestError : HttpRequestError.Unknown;
        return error == HttpRequestError.ConfigurationLimitExceeded ? new(UpstreamFailure.BadAnswer, "the head of its response is too long", e)
            : error is HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError && !hasEnded
            ? new(UpstreamFailure.BadAnswer, "what it sent isn't valid HTTP/2", e)
            : new(UpstreamFailure.NoAnswer, "the connection ended without a response", e);
    }

    /// <summary>Returns the failure if the body of a response ended too early.</summary>
    public static UpstreamException InBody(IOException e) =>
        e is HttpProtocolException protocol ? OfReset(UpstreamFailure.Incomplete, protocol)
        : new(UpstreamFailure.Incomplete, "the connection ended before the response was complete", e);

    private static UpstreamException OfReset(UpstreamFailure failure, HttpProtocolException e) => e.ErrorCode == Http11Required
        ? new(UpstreamFailure.BadAnswer, "it asks for HTTP/1.1; set --upstream-http 1.1", e)
        : new(failure, $"it reset the request or the connection (HTTP/2 error {e.ErrorCode})", e);
}
