using System.Net;
using System.Text;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy.Http2;

/// <summary>
/// Sends requests to one upstream over HTTP/2, with .NET's client. It is configured to change nothing, and repeats only requests that the upstream
/// reports as not processed (RFC 9113, section 8.7).
/// </summary>
internal sealed class Http2Client : IDisposable
{
    private const int MaxHeadKiB = 64;

    // Over TLS the client has separate connections for each host name, and clients can send any name.
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _invoker;

    /// <param name="isNamed">True if the upstream's name must be resolved again from time to time.</param>
    public Http2Client(UpstreamAddress address, UpstreamConnector connector, bool isNamed)
    {
        Address = address;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = MaxIdle,
            PooledConnectionLifetime = isNamed ? ConnectionPool.MaxAgeOfNamed : Timeout.InfiniteTimeSpan,
            MaxResponseHeadersLength = MaxHeadKiB,
            // Each byte is a character, so values are forwarded unchanged.
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            // The connector has its own limit.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, cancellationToken) => connector.OpenStreamAsync(cancellationToken),
        });
    }

    public UpstreamAddress Address { get; }

    /// <summary>Sends a request and waits for the head of the response.</summary>
    /// <exception cref="UpstreamException">There is no response.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await _invoker.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Http2Failures.BeforeAnswer(e);
        }
    }

    /// <summary>Returns the status of the response to a GET.</summary>
    /// <exception cref="UpstreamException">There is no response.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<int> GetStatusAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = Http2Message.To(Address, HttpMethod.Get, path);
        using HttpResponseMessage response = await SendAsync(message, cancellationToken);
        return (int)response.StatusCode;
    }

    public void Dispose() => _invoker.Dispose();
}
