using System.Net;
using System.Text;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy.Http2;

/// <summary>
/// Sends requests to one upstream over HTTP/2, by .NET's client. It is told to change nothing, and sends nothing twice but what the upstream said it has not
/// processed (RFC 9113, section 8.7).
/// </summary>
internal sealed class Http2Client : IDisposable
{
    private const int MaxHeadKiB = 64;

    // The client has connections of its own for each host name over TLS; anybody may name hosts.
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _invoker;

    /// <param name="isNamed">True where the upstream's address is to be resolved again now and then.</param>
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
            // Each byte is a character: values pass as they came.
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            // The connector has a limit of its own.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, cancellationToken) => connector.OpenStreamAsync(cancellationToken),
        });
    }

    public UpstreamAddress Address { get; }

    /// <summary>Sends a request and waits for the head of the answer.</summary>
    /// <exception cref="UpstreamException">There is none.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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

    /// <summary>The status of the answer to a GET.</summary>
    /// <exception cref="UpstreamException">There is none.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<int> GetStatusAsync(string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = Http2Message.To(Address, HttpMethod.Get, path);
        using HttpResponseMessage response = await SendAsync(message, cancellationToken);
        return (int)response.StatusCode;
    }

    public void Dispose() => _invoker.Dispose();
}
