using System.Buffers;

namespace Rcomm.Proxy.Http1;

/// <summary>The syntax of fields, and which of them apply to one connection only (RFC 9110, sections 5.5 and 7.6.1).</summary>
internal static class FieldRules
{
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(one => one != '\t').Select(one => (byte)one), 0x7F]);

    public static bool IsToken(ReadOnlySpan<byte> name) => name.Length > 0 && !name.ContainsAnyExcept(Token);

    public static bool HasControls(ReadOnlySpan<byte> value) => value.ContainsAny(Controls);

    /// <summary>Returns true for a field that applies to one connection only, so it isn't forwarded.</summary>
    public static bool IsHopByHop(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        7 => Is(name, "Upgrade"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "HTTP2-Settings"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        _ => false,
    };

    /// <summary>Returns true if a list of tokens, e.g. Connection's, contains one.</summary>
    public static bool HasToken(string list, string token)
    {
        if (list.Length < token.Length) return false;
        foreach (Range range in list.AsSpan().Split(','))
            if (list.AsSpan(range).Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    public static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
