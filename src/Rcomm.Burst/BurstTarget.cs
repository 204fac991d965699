using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst;

/// <summary>
/// A server and the path to request: <c>http://127.0.0.1:7878/howdy</c>, <c>https://[::1]:7878/</c>, <c>wss://localhost/chat</c>, <c>:7878</c> (this
/// host), <c>unix:/run/rcomm/http.sock</c>, <c>unix:@name</c> (Linux's abstract namespace), <c>unix:/run/rcomm/http.sock:/howdy</c> (a socket and a path
/// on it).
/// </summary>
public sealed record BurstTarget
{
    private const string Examples = "Write it as http://127.0.0.1:7878/, https://localhost:8443/, wss://localhost/chat or unix:/run/rcomm/http.sock.";

    private BurstTarget(string url, EndPoint endPoint, string host, string path) =>
        (Url, EndPoint, Host, Path) = (url, endPoint, host, path);

    /// <summary>Gets the target as it was written.</summary>
    public string Url { get; }

    /// <summary>Gets the address: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Gets the value of the request's <c>Host</c> header.</summary>
    public string Host { get; }

    /// <summary>Gets the host without its port: the name that the certificate must have.</summary>
    public string HostName { get; private init; } = "localhost";

    /// <summary>Gets the path and query to request.</summary>
    public string Path { get; }

    /// <summary>Gets whether the target is <c>https://</c> or <c>wss://</c>.</summary>
    public bool IsTls { get; internal init; }

    /// <summary>Gets whether the target is <c>ws://</c> or <c>wss://</c>.</summary>
    public bool IsWebSocket { get; internal init; }

    /// <summary>
    /// Gets whether the target is probably the user's own: a Unix socket, a loopback, link-local or private address (RFC 1918, RFC 4193).
    /// </summary>
    public bool IsPrivate => EndPoint is not IPEndPoint ip || PrivateAddresses.Contains(ip.Address);

    /// <summary>Parses a target and resolves its name, to the first of several addresses, IPv4 before IPv6.</summary>
    /// <exception cref="BurstException">The text isn't a valid target, or its name doesn't resolve.</exception>
    public static async Task<BurstTarget> ResolveAsync(string text, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (UnixPath.In(text) is not null) return OfUnix(text);

        // As a host it would be the address 0.0.82.40 (inet_aton(3)).
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Bad($"\"{text}\" is a port without an address. Did you mean :{text}, which is 127.0.0.1:{text}?");
        string url = text.Contains("://", StringComparison.Ordinal) ? text : text.StartsWith(':') ? "http://127.0.0.1" + text : "http://" + text;
        // In "http:/127.0.0.1" and "http:127.0.0.1" the host would be "http".
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host == "" || uri.Host is "http" or "https" && url != text)
            throw Bad($"\"{text}\" isn't a valid URL. {Examples}");
        if (uri.Scheme is not ("http" or "https" or "ws" or "wss"))
            throw Bad($"\"{text}\": rcomm burst doesn't support {uri.Scheme}://. {Examples}");
        if (uri.UserInfo != "")
            throw Bad($"\"{text}\": a user name in a URL is not sent; use --header \"Authorization: ...\". {Examples}");

        var endPoint = new IPEndPoint(await AddressOfAsync(uri.DnsSafeHost, cancellation).ConfigureAwait(false), uri.Port);
        return new BurstTarget(text, endPoint, uri.Authority, uri.PathAndQuery)
        {
            HostName = uri.DnsSafeHost, IsTls = uri.Scheme is "https" or "wss", IsWebSocket = uri.Scheme is "ws" or "wss",
        };
    }

    /// <summary>
    /// Gets the address in the operator's notation: <c>127.0.0.1:7878</c>, <c>[::1]:7878</c>, <c>unix:/run/x.sock</c>, <c>unix:@name</c>.
    /// </summary>
    public string Address => EndPoint is IPEndPoint ip ? ip.ToString() : UnixPath.ToAddress(EndPoint.ToString());

    internal static BurstTarget OfUnix(string text)
    {
        string path = UnixPath.In(text)!;
        int colon = path.IndexOf(":/", StringComparison.Ordinal);
        (path, string request) = colon < 0 ? (path, "/") : (path[..colon], path[(colon + 1)..]);
        if (path is "" or "@") throw Bad($"\"{text}\": the path is missing. {Examples}");
        if (request.AsSpan().ContainsAnyInRange('\0', ' ')) throw Bad($"\"{text}\": the path of a request can't contain spaces; write %20.");
        try
        {
            var endPoint = new UnixDomainSocketEndPoint(path is ['@', ..] ? "\0" + path[1..] : path);
            return new BurstTarget(text, endPoint, "localhost", request);
        }
        catch (ArgumentException)
        {
            throw Bad($"\"{text}\": the path is too long for a Unix socket; at most {UnixPath.MaxLength} bytes are allowed.");
        }
    }

    private static async Task<IPAddress> AddressOfAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal)) return literal;
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
            return addresses.OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork).First();
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException or ArgumentException)
        {
            throw new BurstException(BurstFailure.NameNotFound,
                $"the name {host} does not resolve ({e.Message}). Check its spelling, or write the IP address.");
        }
    }

    private static BurstException Bad(string message) => new(BurstFailure.BadPlan, message);
}
