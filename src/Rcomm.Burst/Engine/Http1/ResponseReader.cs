using System.Globalization;
using System.Text;

namespace Rcomm.Burst.Engine.Http1;

internal enum ReadState : byte
{
    NeedsMore,
    Complete,
    Broken,
}

/// <summary>Parses one HTTP/1.1 response incrementally, enough to know its status and its end (RFC 9112).</summary>
/// <param name="hasNoBody">True for the response to a HEAD request.</param>
internal struct ResponseReader(bool hasNoBody)
{
    public const int MaxHead = 64 * 1024;

    private enum Part : byte
    {
        Head,
        Length,
        Chunks,
        UntilClose,
        Complete,
    }

    private Part _part;
    private bool _hasBegun;
    private long _left;
    private ChunkedBody _chunks;

    // Set only if a head arrives in pieces, which is rare; most responses cause no allocation.
    private byte[]? _head;

    /// <summary>The status once the head has arrived; 0 before.</summary>
    public ushort Status { get; private set; }

    public ReadState Feed(ReadOnlySpan<byte> bytes)
    {
        _hasBegun = true;
        while (_part == Part.Head)
        {
            if (_head is not null)
            {
                bytes = (byte[])[.. _head, .. bytes];
                _head = null;
            }
            ReadOnlySpan<byte> start = "HTTP/1."u8;
            int compared = Math.Min(bytes.Length, start.Length);
            if (!bytes[..compared].SequenceEqual(start[..compared]) || bytes.Length > MaxHead && bytes.IndexOf("\r\n\r\n"u8) < 0)
                return ReadState.Broken;

            int end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                _head = bytes.ToArray();
                return ReadState.NeedsMore;
            }
            if (!ReadHead(bytes[..end])) return ReadState.Broken;
            bytes = bytes[(end + 4)..];
            // An interim response (1xx) precedes the final one, and both may have arrived.
            if (_part == Part.Head && bytes.IsEmpty) return ReadState.NeedsMore;
        }
        return ReadBody(bytes);
    }

    /// <summary>Returns the state after the peer has closed its side. <see cref="ReadState.NeedsMore"/> means that no byte had arrived.</summary>
    public readonly ReadState AtClose() =>
        _part is Part.UntilClose or Part.Complete ? ReadState.Complete : _hasBegun ? ReadState.Broken : ReadState.NeedsMore;

    private ReadState ReadBody(ReadOnlySpan<byte> bytes)
    {
        switch (_part)
        {
            case Part.Length:
                _left -= bytes.Length;
                if (_left <= 0) _part = Part.Complete;
                break;
            case Part.Chunks:
                ReadState state = _chunks.Feed(bytes);
                if (state != ReadState.NeedsMore) _part = Part.Complete;
                return state;
        }
        return _part == Part.Complete ? ReadState.Complete : ReadState.NeedsMore;
    }

    private bool ReadHead(ReadOnlySpan<byte> head)
    {
        int lineEnd = head.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> statusLine = lineEnd < 0 ? head : head[..lineEnd];
        // "HTTP/1.1 200": the reason phrase may be missing.
        if (statusLine.Length < 12 || statusLine[8] != ' '
            || !ushort.TryParse(statusLine.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out ushort status)) return false;

        Status = status;
        if (status < 200) return true;

        _part = Part.UntilClose;
        while (lineEnd >= 0)
        {
            head = head[(lineEnd + 2)..];
            lineEnd = head.IndexOf("\r\n"u8);
            ReadField(lineEnd < 0 ? head : head[..lineEnd]);
        }
        if (status is 204 or 304 || hasNoBody || _part == Part.Length && _left == 0) _part = Part.Complete;
        return true;
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon < 0) return;
        ReadOnlySpan<byte> name = line[..colon], value = line[(colon + 1)..].Trim(" \t"u8);

        if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8) && value.Length >= 7 && Ascii.EqualsIgnoreCase(value[^7..], "chunked"u8))
        {
            _part = Part.Chunks;
        }
        else if (_part == Part.UntilClose && Ascii.EqualsIgnoreCase(name, "content-length"u8)
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            (_part, _left) = (Part.Length, length);
        }
    }
}
