using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Rcomm.Connections.Http1;

/// <summary>
/// Checks the requests of a connection line by line against the grammar of RFC 9112. If one server reads a malformed request leniently and another one
/// reads it differently, a request can be smuggled past one of them. Lines are checked before Kestrel sees them; anything Kestrel itself refuses is left
/// to it.
/// </summary>
internal sealed class RequestGrammar
{
    // A chunk's size with its extensions, or a trailer field.
    private const int MaxLineInBody = 8 << 10;
    // The longest method registered with IANA has 17 letters.
    private const int MaxMethod = 64;
    private const int MaxLengthDigits = 18;
    private const int MaxChunkDigits = 15;

    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> Visible = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (byte)c)]);
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, ' ').Where(c => c != '\t').Select(c => (byte)c), 0x7F]);
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    private Part _next = Part.RequestLine;
    private long _skip;
    private long _length;
    private bool _isChunked, _isOld;

    private enum Part
    {
        RequestLine,
        Field,
        ChunkSize,
        ChunkEnd,
        Trailer,
    }

    /// <summary>Returns true if Kestrel may consume a line before its end has arrived, so that it must not see the beginning.</summary>
    /// <param name="line">The part of the line that has arrived.</param>
    public bool IsHidden(ReadOnlySequence<byte> line) => IsInBody || _next == Part.RequestLine && line.Length == 1 && line.FirstSpan[0] == '\r';

    private bool IsInBody => _next is Part.ChunkSize or Part.ChunkEnd or Part.Trailer;

    /// <summary>Stops checking: the rest belongs to another protocol.</summary>
    public void Leave() => _skip = long.MaxValue;

    /// <summary>Checks all complete lines and skips bodies. Returns false if a line isn't valid.</summary>
    /// <param name="bytes">The bytes not yet checked.</param>
    /// <param name="good">The number of valid bytes.</param>
    public bool TryCheck(ReadOnlySequence<byte> bytes, out long good)
    {
        var reader = new SequenceReader<byte>(bytes);
        good = 0;
        while (!reader.End)
        {
            if (_skip > 0)
            {
                long skipped = Math.Min(_skip, reader.Remaining);
                reader.Advance(skipped);
                if (_skip != long.MaxValue) _skip -= skipped;
            }
            else if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n')) return MayGoOn(reader.UnreadSequence);
            else if (!TryTake(line)) return false;
            good = reader.Consumed;
        }
        return true;
    }

    // Returns false if the beginning of a line is already not valid, whatever follows.
    private bool MayGoOn(ReadOnlySequence<byte> beginning)
    {
        if (IsInBody) return beginning.Length <= MaxLineInBody;
        return _next != Part.RequestLine || beginning.Length <= MaxMethod || beginning.Slice(0, MaxMethod + 1).PositionOf((byte)' ') is not null;
    }

    // The memory belongs to the connection: Kestrel reads what is changed in it.
    private bool TryTake(ReadOnlySequence<byte> line)
    {
        if (IsInBody && line.Length > MaxLineInBody) return false;
        if (line.IsSingleSegment) return TryTake(MemoryMarshal.AsMemory(line.First).Span);

        byte[] whole = ArrayPool<byte>.Shared.Rent((int)line.Length);
        try
        {
            line.CopyTo(whole);
            bool isRight = TryTake(whole.AsSpan(0, (int)line.Length));
            int copied = 0;
            foreach (ReadOnlyMemory<byte> segment in line)
            {
                whole.AsSpan(copied, segment.Length).CopyTo(MemoryMarshal.AsMemory(segment).Span);
                copied += segment.Length;
            }
            return isRight;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private bool TryTake(Span<byte> line)
    {
        // A line ends with CR LF, and a CR is allowed nowhere else (section 2.2).
        if (line is not [.. var text, (byte)'\r'] || text.ContainsAny(Controls)) return false;
        return _next switch
        {
            Part.RequestLine => text.IsEmpty || TryBegin(text),
            Part.Field => text.IsEmpty ? TryEndHead() : TryTakeField(text),
            Part.ChunkSize => TryTakeChunkSize(text),
            Part.ChunkEnd => text.IsEmpty && Expect(Part.ChunkSize),
            _ => text.IsEmpty ? Expect(Part.RequestLine) : IsField(text, out _),
        };
    }

    private bool Expect(Part next)
    {
        _next = next;
        return true;
    }

    // method SP request-target SP HTTP-version (section 3)
    private bool TryBegin(Span<byte> line)
    {
        int afterMethod = line.IndexOf((byte)' '), afterTarget = line.LastIndexOf((byte)' ');
        if (afterMethod is <= 0 or > MaxMethod || afterTarget <= afterMethod + 1) return false;
        Span<byte> method = line[..afterMethod], target = line[(afterMethod + 1)..afterTarget], version = line[(afterTarget + 1)..];
        if (method.ContainsAnyExcept(Token) || target.ContainsAnyExcept(Visible) || target.Contains((byte)'#')) return false;
        if (!IsTarget(target, method) || !TryReadVersion(version)) return false;

        LowerScheme(target);
        (_length, _isChunked) = (-1, false);
        return Expect(Part.Field);
    }

    // A path, a URL, "*" with OPTIONS, or the authority of CONNECT (section 3.2).
    private static bool IsTarget(ReadOnlySpan<byte> target, ReadOnlySpan<byte> method)
    {
        if (target[0] == '/' || method.SequenceEqual("CONNECT"u8)) return true;
        if (target.SequenceEqual("*"u8)) return method.SequenceEqual("OPTIONS"u8);
        int scheme = target.IndexOf("://"u8);
        if (scheme <= 0) return false;
        ReadOnlySpan<byte> authority = target[(scheme + 3)..];
        int path = authority.IndexOfAny((byte)'/', (byte)'?');
        // User information before the host is an error (RFC 9110, section 4.2.4).
        return !(path < 0 ? authority : authority[..path]).Contains((byte)'@');
    }

    // "HTTP/" DIGIT "." DIGIT (section 2.3)
    private bool TryReadVersion(Span<byte> version)
    {
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || version[6] != '.') return false;
        if (!Digits.Contains(version[5]) || !Digits.Contains(version[7])) return false;
        // A higher minor version is treated as the highest known one (RFC 9110, section 2.5), since Kestrel doesn't accept it.
        if (version[5] == '1' && version[7] > '1') version[7] = (byte)'1';
        _isOld = version is [.., (byte)'0'];
        // Kestrel refuses another major version with 505.
        if (version[5] != '1') Leave();
        return true;
    }

    // Kestrel accepts only lowercase schemes in absolute-form targets, but schemes are case-insensitive (RFC 9110, section 4.2.3).
    private static void LowerScheme(Span<byte> target)
    {
        int scheme = target.IndexOf("://"u8);
        if (scheme is not (4 or 5) || target[0] == '/') return;
        foreach (ref byte letter in target[..scheme])
            if (char.IsAsciiLetterUpper((char)letter)) letter |= 0x20;
    }

    private bool TryTakeField(ReadOnlySpan<byte> line)
    {
        if (!IsField(line, out int colon)) return false;
        ReadOnlySpan<byte> name = line[..colon], value = line[(colon + 1)..].Trim(" \t"u8);
        return name.Length switch
        {
            4 when Is(name, "Host"u8) => !value.IsEmpty,
            14 when Is(name, "Content-Length"u8) => TryTakeLength(value),
            // No other coding is supported, and none may be ignored (section 6.1).
            17 when Is(name, "Transfer-Encoding"u8) => !_isChunked && !_isOld && Is(value, "chunked"u8) && (_isChunked = true),
            _ => true,
        };
    }

    private bool TryTakeLength(ReadOnlySpan<byte> value) =>
        _length < 0 && value.Length is > 0 and <= MaxLengthDigits && !value.ContainsAnyExcept(Digits) && Utf8Parser.TryParse(value, out _length, out _);

    private bool TryEndHead()
    {
        // Different servers may use one or the other (section 6.3).
        if (_isChunked && _length >= 0) return false;
        _skip = Math.Max(0, _length);
        return Expect(_isChunked ? Part.ChunkSize : Part.RequestLine);
    }

    private bool TryTakeChunkSize(ReadOnlySpan<byte> line)
    {
        int semicolon = line.IndexOf((byte)';');
        ReadOnlySpan<byte> size = semicolon < 0 ? line : line[..semicolon];
        if (size.Length is 0 or > MaxChunkDigits || !Utf8Parser.TryParse(size, out _skip, out int digits, 'x') || digits != size.Length) return false;
        if (semicolon >= 0 && !ChunkExtension.IsValid(line[semicolon..])) return false;
        return Expect(_skip == 0 ? Part.Trailer : Part.ChunkEnd);
    }

    // A name of token characters directly followed by a colon: no space before it, and no folded lines (section 5).
    private static bool IsField(ReadOnlySpan<byte> line, out int colon)
    {
        colon = line.IndexOf((byte)':');
        return colon > 0 && !line[..colon].ContainsAnyExcept(Token);
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => System.Text.Ascii.EqualsIgnoreCase(text, name);
}
