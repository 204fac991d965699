using System.Buffers;

namespace Rcomm.Burst;

/// <summary>A header of a request.</summary>
/// <param name="Name">The name, as it was written.</param>
/// <param name="Value">The value.</param>
public sealed record RequestHeader(string Name, string Value);

/// <summary>Describes the request of each connection.</summary>
public sealed record BurstRequest
{
    /// <summary>The maximum length of the body in bytes.</summary>
    public const int MaxBody = 16 * 1024 * 1024;

    // RFC 9110, 5.6.2: token.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // These follow from the rest of the plan.
    private static readonly string[] SetByTheBurst =
        ["Connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];

    /// <summary>Gets the method. Default <c>GET</c>.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Gets additional headers. <c>Host</c>, <c>User-Agent</c> and <c>Accept</c> replace the default ones.</summary>
    public IReadOnlyList<RequestHeader> Headers { get; init; } = [];

    /// <summary>Gets the body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets the statuses that count as answered. Default: all below 400.</summary>
    public StatusRanges Expected { get; init; } = StatusRanges.BelowFourHundred;

    /// <summary>Parses a header written as <c>Name: value</c>.</summary>
    /// <exception cref="BurstException">The text isn't a valid header, or is one that the burst sets itself.</exception>
    public static RequestHeader ParseHeader(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "" : text[..colon], value = text[(colon + 1)..].Trim();
        if (!IsToken(name)) throw Bad($"\"{text}\" isn't a header. Write it as \"Name: value\".");
        if (value.Any(c => c is (< ' ' and not '\t') or '\x7f' or > '\xff'))
            throw Bad($"the value of the header {name} has a control character or one outside of Latin-1.");
        return Array.Exists(SetByTheBurst, own => own.Equals(name, StringComparison.OrdinalIgnoreCase))
            ? throw Bad($"the header {name} is set by the burst itself; leave it out.")
            : new(name, value);
    }

    internal void Validate()
    {
        if (!IsToken(Method)) throw Bad($"\"{Method}\" isn't an HTTP method. Write it as GET or POST.");
        if (Body.Length > MaxBody) throw Bad($"a body may have at most {MaxBody / 1024 / 1024} MiB.");
    }

    /// <summary>Returns all headers in the order of sending, without <c>Connection</c>.</summary>
    internal IEnumerable<RequestHeader> HeadersFor(BurstTarget target)
    {
        RequestHeader[] own = [new("Host", target.Host), new("User-Agent", "rcomm-burst"), new("Accept", "*/*")];
        foreach (RequestHeader header in own)
            if (!Headers.Any(given => given.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase))) yield return header;
        foreach (RequestHeader header in Headers) yield return header;
        if (!Body.IsEmpty || Method is "POST" or "PUT" or "PATCH")
            yield return new("Content-Length", Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static BurstException Bad(string message) => new(BurstFailure.BadPlan, message);
}
