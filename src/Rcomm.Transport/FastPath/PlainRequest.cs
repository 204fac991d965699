using System.Buffers;
using System.Text;

namespace Rcomm.Transport.FastPath;

/// <summary>
/// A request that needs no full HTTP parser: GET or HEAD in HTTP/1.1 without a body, in its usual spelling. Other requests are not wrong; Kestrel
/// reads them. This is a strict subset of what Kestrel accepts, so a plain request means the same to both. Nothing here throws.
/// </summary>
public ref struct PlainRequest
{
    // RFC 9110, section 5.6.2.
    internal static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Gets whether the method is HEAD; otherwise it is GET.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Gets the target as it was sent. It starts with a slash.</summary>
    public ReadOnlySpan<byte> Target { get; private set; }

    /// <summary>Gets the value of <c>Host</c>. It is never empty.</summary>
    public ReadOnlySpan<byte> Host { get; private set; }

    /// <summary>Gets the value of <c>Accept-Encoding</c>; this and the following are empty if absent.</summary>
    public ReadOnlySpan<byte> AcceptEncoding { get; private set; }

    /// <summary>Gets the value of <c>If-None-Match</c>.</summary>
    public ReadOnlySpan<byte> IfNoneMatch { get; private set; }

    /// <summary>Gets the value of <c>If-Modified-Since</c>.</summary>
    public ReadOnlySpan<byte> IfModifiedSince { get; private set; }

    /// <summary>Gets the value of <c>Referer</c>.</summary>
    public ReadOnlySpan<byte> Referer { get; private set; }

    /// <summary>Gets the value of <c>User-Agent</c>.</summary>
    public ReadOnlySpan<byte> UserAgent { get; private set; }

    /// <summary>Gets whether the client wants the connection closed after the answer.</summary>
    public bool Closes { get; private set; }

    /// <summary>Gets the length of the whole request in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the request at the start of the received bytes. Returns false if it is not plain or not complete.</summary>
    /// <param name="received">The bytes received.</param>
    /// <param name="limits">The size limits.</param>
    /// <param name="request">The request.</param>
    public static bool TryRead(ReadOnlySpan<byte> received, PlainRequestLimits limits, out PlainRequest request)
    {
        request = new PlainRequest { IsHead = received.StartsWith("HEAD /"u8) };
        if (!request.IsHead && !received.StartsWith("GET /"u8)) return false;

        ReadOnlySpan<byte> rest = received[(request.IsHead ? "HEAD ".Length : "GET ".Length)..];
        int end = rest.IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        if (end < 0 || !rest[end..].StartsWith(" HTTP/1.1\r\n"u8)) return false;
        request.Target = rest[..end];
        rest = rest[(end + " HTTP/1.1\r\n".Length)..];

        for (int headers = 0; !rest.StartsWith("\r\n"u8); headers++)
        {
            end = rest.IndexOf((byte)'\r');
            if (headers == limits.Headers || end < 0 || !rest[end..].StartsWith("\r\n"u8) || !request.TryTake(rest[..end])) return false;
            rest = rest[(end + 2)..];
        }
        request.Length = received.Length - rest.Length + 2;
        return request.Length <= limits.Bytes && !request.Host.IsEmpty;
    }

    // Returns false for a header that is not in its usual form, is repeated, or could change the answer in a way that only Kestrel's path knows.
    private bool TryTake(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon <= 0) return false;
        ReadOnlySpan<byte> name = line[..colon], value = line[(colon + 1)..].Trim(" \t"u8);
        if (name.ContainsAnyExcept(Token) || value.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return false;
        switch (name.Length)
        {
            case 4 when Is(name, "Host"u8): return Host.IsEmpty & !(Host = value).IsEmpty;
            case 15 when Is(name, "Accept-Encoding"u8): return AcceptEncoding.IsEmpty & !(AcceptEncoding = value).IsEmpty;
            case 13 when Is(name, "If-None-Match"u8): return IfNoneMatch.IsEmpty & !(IfNoneMatch = value).IsEmpty;
            case 17 when Is(name, "If-Modified-Since"u8): return IfModifiedSince.IsEmpty & !(IfModifiedSince = value).IsEmpty;
            case 7 when Is(name, "Referer"u8): return Referer.IsEmpty & !(Referer = value).IsEmpty;
            case 10 when Is(name, "User-Agent"u8): return UserAgent.IsEmpty & !(UserAgent = value).IsEmpty;
            case 10 when Is(name, "Connection"u8):
                if (Closes) return false;
                Closes = Is(value, "close"u8);
                return Closes || Is(value, "keep-alive"u8);
            default:
                return !ConcernsMoreThanTheAnswer(name);
        }
    }

    private static bool ConcernsMoreThanTheAnswer(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Is(name, "TE"u8),
        5 => Is(name, "Range"u8),
        6 => Is(name, "Expect"u8) || Is(name, "Origin"u8),
        7 => Is(name, "Upgrade"u8) || Is(name, "Trailer"u8),
        8 => Is(name, "If-Range"u8) || Is(name, "If-Match"u8),
        9 => Is(name, "Forwarded"u8),
        13 => Is(name, "Authorization"u8) || IsForwarded(name),
        14 => Is(name, "Content-Length"u8) || Is(name, "HTTP2-Settings"u8) || IsForwarded(name),
        17 => Is(name, "Transfer-Encoding"u8) || IsForwarded(name),
        19 => Is(name, "If-Unmodified-Since"u8) || IsForwarded(name),
        _ => IsForwarded(name),
    };

    private static bool IsForwarded(ReadOnlySpan<byte> name) => name.Length > 12 && Is(name[..12], "X-Forwarded-"u8);

    private static bool Is(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(one, other);
}

/// <summary>The size limits of a plain request. Kestrel answers or refuses a larger one.</summary>
/// <param name="Bytes">The maximum size of the whole request in bytes.</param>
/// <param name="Headers">The maximum number of headers.</param>
public readonly record struct PlainRequestLimits(int Bytes, int Headers);
