namespace Rcomm.Transport.FastPath;

/// <summary>Recognizes a partial HTTP/1 request head: the request line and fields, up to the empty line.</summary>
internal static class RequestHead
{
    private const int MaxMethod = 16;

    /// <summary>
    /// Returns true if the bytes are the valid beginning of a head that is not complete. Kestrel answers complete and malformed heads immediately.
    /// </summary>
    public static bool IsBeginning(ReadOnlySpan<byte> received)
    {
        int method = received.IndexOfAnyExceptInRange((byte)'A', (byte)'Z');
        if (method < 0) return received.Length <= MaxMethod;
        if (method is 0 or > MaxMethod || received[method] != ' ') return false;

        ReadOnlySpan<byte> rest = received[(method + 1)..];
        int target = rest.IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        if (target < 0) return true;
        rest = rest[target..];
        if (target == 0 || !TryTakeVersion(ref rest, out bool isWhole)) return false;
        return !isWhole || AreFields(rest);
    }

    private static bool TryTakeVersion(ref ReadOnlySpan<byte> rest, out bool isWhole)
    {
        ReadOnlySpan<byte> version = " HTTP/1.1\r\n"u8, old = " HTTP/1.0\r\n"u8;
        isWhole = rest.Length >= version.Length;
        if (!isWhole) return version.StartsWith(rest) || old.StartsWith(rest);
        if (!rest.StartsWith(version) && !rest.StartsWith(old)) return false;
        rest = rest[version.Length..];
        return true;
    }

    private static bool AreFields(ReadOnlySpan<byte> rest)
    {
        while (rest.IndexOf("\r\n"u8) is >= 0 and int end)
        {
            if (!IsField(rest[..end], isWhole: true)) return false;
            rest = rest[(end + 2)..];
        }
        return rest.IsEmpty || rest is [(byte)'\r'] || IsField(rest is [.. var line, (byte)'\r'] ? line : rest, isWhole: false);
    }

    private static bool IsField(ReadOnlySpan<byte> line, bool isWhole)
    {
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon];
        return !name.IsEmpty && !name.ContainsAnyExcept(PlainRequest.Token)
            && (colon >= 0 ? !line[colon..].ContainsAnyExceptInRange((byte)' ', (byte)'~') : !isWhole);
    }
}
