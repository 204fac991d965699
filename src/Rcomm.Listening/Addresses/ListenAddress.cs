using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.Listening.Addresses;

/// <summary>
/// An address to listen on, in the operator's notation: <c>127.0.0.1:7878</c>, <c>[::1]:7878</c>, <c>0.0.0.0:80</c>, <c>[::]:80</c> (IPv6 and IPv4),
/// <c>*:80</c> or <c>:80</c> (every address of the machine), <c>localhost:7878</c> (both loopback addresses), <c>unix:/run/rcomm/http.sock</c> or
/// <c>unix:@name</c> (Linux's abstract namespace). <see cref="ToString"/> returns the same form.
/// </summary>
public sealed record ListenAddress
{
    /// <summary>The maximum length of a Unix socket path in bytes: <c>sun_path</c> holds 108 with the final NUL (unix(7)).</summary>
    public const int MaxUnixPathLength = Shared.Linux.UnixPath.MaxLength;

    private const string Examples = "Write e.g. 127.0.0.1:7878, [::1]:7878, *:80, localhost:7878 or unix:/run/rcomm/http.sock.";

    private ListenAddress(string host, IPAddress? ip, int port) => (Host, Ip, Port) = (host, ip, port);

    private ListenAddress(string unixPath) => (Host, UnixPath) = ("", unixPath);

    /// <summary>Gets the IP address to bind to; null for <c>*</c>, <c>localhost</c> and Unix sockets.</summary>
    public IPAddress? Ip { get; }

    /// <summary>Gets the TCP port: 0 lets the system choose a free one. 0 for Unix sockets.</summary>
    public int Port { get; private init; }

    /// <summary>Gets the path of a Unix socket, or <c>@name</c> in the abstract namespace; null for TCP.</summary>
    public string? UnixPath { get; }

    /// <summary>Gets whether this is a <c>unix:</c> address.</summary>
    public bool IsUnix => UnixPath is not null;

    /// <summary>Gets whether this is a Unix socket in Linux's abstract namespace, which has no file.</summary>
    public bool IsAbstract => UnixPath is ['@', ..];

    /// <summary>Gets whether this is <c>*</c>: IPv6 and IPv4, or only IPv4 on a machine without IPv6.</summary>
    public bool IsEveryAddress => Host == "*";

    /// <summary>Gets whether this is <c>localhost</c>, which stands for two sockets; see <see cref="Expand"/>.</summary>
    public bool IsLocalhost => Host == "localhost";

    /// <summary>Gets whether a socket there accepts connections to every address of the machine, of one family or both: <c>*</c>, 0.0.0.0 or [::].</summary>
    public bool IsWildcard => IsEveryAddress || Equals(Ip, IPAddress.Any) || Equals(Ip, IPAddress.IPv6Any);

    private string Host { get; }

    /// <summary>Creates the address of an IPv4 or IPv6 endpoint.</summary>
    public static ListenAddress Of(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new ListenAddress(endPoint.Address.ToString(), endPoint.Address, endPoint.Port);
    }

    internal static ListenAddress Every(int port) => new("*", null, port);

    internal static ListenAddress OfUnix(string path) => new(path);

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">The text isn't a valid address; the message quotes it and shows valid ones.</exception>
    public static ListenAddress Parse(string text) =>
        TryParse(text, out ListenAddress? address, out string? error) ? address : throw new FormatException(error);

    /// <summary>Parses an address. If it isn't valid, <paramref name="error"/> quotes it and shows valid ones.</summary>
    public static bool TryParse(
        string? text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ListenAddress? address,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
    {
        text = text?.Trim() ?? "";
        (address, string? problem) = Shared.Linux.UnixPath.In(text) is { } path ? ParseUnix(path) : ParseTcp(text);
        error = address is null ? $"\"{text}\" isn't a valid listen address: {problem}. {Examples}" : null;
        return address is not null;
    }

    /// <summary>Returns the addresses of the single sockets: two for <c>localhost</c>, otherwise this address.</summary>
    public IReadOnlyList<ListenAddress> Expand() => IsLocalhost
        ? [Of(new IPEndPoint(IPAddress.Loopback, Port)), Of(new IPEndPoint(IPAddress.IPv6Loopback, Port))]
        : [this];

    /// <summary>
    /// Returns true if a socket at this address also gets the connections to the other address, so that no second socket can listen there:
    /// <c>*:80</c> and <c>[::]:80</c> cover <c>127.0.0.1:80</c>, <c>0.0.0.0:80</c> covers every IPv4 address with the port.
    /// </summary>
    /// <param name="other">The other address.</param>
    public bool Covers(ListenAddress other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (this == other) return true;
        if (IsUnix || other.IsUnix || Port != other.Port || Port == 0) return false;
        return IsEveryAddress || Equals(Ip, IPAddress.IPv6Any) || (Equals(Ip, IPAddress.Any) && other.Ip?.AddressFamily == AddressFamily.InterNetwork);
    }

    /// <summary>Returns the operator's notation, which parses to this address again.</summary>
    public override string ToString() =>
        IsUnix ? Shared.Linux.UnixPath.ToAddress(UnixPath) :
        Ip?.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Ip}]:{Port}" :
        string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    internal ListenAddress WithPort(int port) => this with { Port = port };

    private static (ListenAddress?, string?) ParseUnix(string path)
    {
        if (path is "" or "@") return (null, "the path is missing");
        if (path.Contains('\0')) return (null, "a path can't contain a NUL character");

        int bytes = Encoding.UTF8.GetByteCount(path);
        return bytes > MaxUnixPathLength
            ? (null, $"the path has {bytes} bytes; the system allows {MaxUnixPathLength}")
            : (new ListenAddress(path), null);
    }

    private static (ListenAddress?, string?) ParseTcp(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0)
            return (null, ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort alone)
                ? $"the address is missing; :{alone} is this port on every address, 127.0.0.1:{alone} on the loopback address only"
                : "the port is missing");

        string host = text[..colon];
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return (null, "the port must be a number from 0 to 65535");

        if (host is "*" or "") return (Every(port), null);
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return (new ListenAddress("localhost", null, port), null);

        bool bracketed = host is ['[', .., ']'];
        if (!bracketed && host.Contains(':')) return (null, "write an IPv6 address in brackets, e.g. [::1]:7878");
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out IPAddress? ip) || bracketed != (ip.AddressFamily == AddressFamily.InterNetworkV6))
            return (null, $"\"{host}\" isn't an IP address");
        // A short form of inet_aton ("1" for 0.0.0.1) is far more often a mistake than intended.
        if (!bracketed && ip.ToString() != host) return (null, $"\"{host}\" isn't an IPv4 address with four numbers");

        return (Of(new IPEndPoint(ip, port)), null);
    }
}
