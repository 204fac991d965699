using System.Text;
using Rcomm.Shared.Linux;

namespace Rcomm.Requests;

/// <summary>
/// Splits the path of a request target into names, each percent-decoded once. Empty, <c>.</c> and <c>..</c> segments are dropped, however they are
/// encoded, so that no path leads out of the folder it starts from.
/// </summary>
internal static class RequestPath
{
    /// <summary>Parses the target of a request line (RFC 9112, section 3.2). Returns false if its path can't be a file's.</summary>
    public static bool TryParse(string target, out List<string> segments)
    {
        segments = [];
        foreach (Range range in PathOf(target).Split('/'))
        {
            if (!TryDecode(PathOf(target)[range], out string? segment)) return false;
            if (segment is "" or "." or "..") continue;
            // No file name contains an encoded separator.
            if (segment.AsSpan().ContainsAny('/', '\0')) return false;
            segments.Add(segment);
        }
        return true;
    }

    /// <summary>Returns true for a path with a <c>.</c> or <c>..</c> segment, however it and the slashes next to it are encoded.</summary>
    public static bool HasDots(string path) => path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/')
        .Any(segment => TryDecode(segment, out string decoded) && decoded is ("." or ".."));

    /// <summary>Returns the path of a request target as it was sent, without its query.</summary>
    public static string Of(string target) => target.StartsWith('/') && !target.Contains('?') ? target : PathOf(target).ToString();

    /// <summary>Returns the query of a request target with its question mark, or an empty string.</summary>
    public static string QueryOf(string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? "" : target[query..];
    }

    /// <summary>Returns the URL path of a list of names; <c>/</c> for none.</summary>
    public static string ToUrl(IEnumerable<string> segments) => "/" + string.Join('/', segments.Select(Escaped));

    private static ReadOnlySpan<char> PathOf(string target)
    {
        ReadOnlySpan<char> path = target;
        int query = path.IndexOf('?');
        if (query >= 0) path = path[..query];
        if (path.StartsWith('/')) return path;

        // The absolute form, http://host/path, is meant for proxies but must be supported.
        int authority = path.IndexOf("://");
        int slash = authority < 0 ? -1 : path[(authority + 3)..].IndexOf('/');
        return slash < 0 ? "/" : path[(authority + 3 + slash)..];
    }

    private static bool TryDecode(ReadOnlySpan<char> segment, out string decoded)
    {
        decoded = "";
        if (!segment.Contains('%') && Ascii.IsValid(segment))
        {
            decoded = segment.ToString();
            return true;
        }

        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(segment.Length)];
        int length = 0;
        for (int i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                length += Encoding.UTF8.GetBytes(segment.Slice(i, 1), bytes.AsSpan(length));
                continue;
            }
            if (i + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[i + 1]) || !char.IsAsciiHexDigit(segment[i + 2])) return false;
            bytes[length++] = Convert.FromHexString(segment.Slice(i + 1, 2))[0];
            i += 2;
        }

        decoded = FileName.Decode(bytes.AsSpan(0, length));
        return true;
    }

    // Names that aren't UTF-8 are escaped byte by byte.
    private static string Escaped(string name) =>
        FileName.HasEscapes(name) ? string.Concat(FileName.Encode(name)
            .Select(one => one < 0x80 ? Uri.EscapeDataString(((char)one).ToString()) : $"%{one:X2}")) : Uri.EscapeDataString(name);
}
