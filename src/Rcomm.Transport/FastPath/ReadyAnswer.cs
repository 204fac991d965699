namespace Rcomm.Transport.FastPath;

/// <summary>An answer that lacks only the date, in two forms: for a connection that stays open, and for one that is closed after it.</summary>
public abstract class ReadyAnswer
{
    /// <summary>The length of a date in bytes (IMF-fixdate: RFC 9110, section 5.6.7).</summary>
    public const int DateLength = 29;

    private readonly Head _open;
    private readonly Head _closing;
    private readonly ReadOnlyMemory<byte> _body;

    /// <summary>Initializes an answer from its heads and its body.</summary>
    protected ReadyAnswer(Head open, Head closing, ReadOnlyMemory<byte> body) => (_open, _closing, _body) = (open, closing, body);

    /// <summary>Gets the length of the body in bytes.</summary>
    public int BodyLength => _body.Length;

    /// <summary>Writes the answer. Returns its length in bytes, or 0 if it does not fit.</summary>
    /// <param name="room">The destination.</param>
    /// <param name="closes">True if the connection is closed after it.</param>
    /// <param name="date">The current date.</param>
    public int Write(Span<byte> room, bool closes, ReadOnlySpan<byte> date)
    {
        Head head = closes ? _closing : _open;
        int length = head.Bytes.Length + _body.Length;
        if (length > room.Length) return 0;
        head.Bytes.Span.CopyTo(room);
        date.CopyTo(room[head.DateAt..]);
        _body.Span.CopyTo(room[head.Bytes.Length..]);
        return length;
    }

    /// <summary>The bytes before the body.</summary>
    /// <param name="Bytes">The bytes, with a placeholder for the date.</param>
    /// <param name="DateAt">The offset of the date.</param>
    protected readonly record struct Head(ReadOnlyMemory<byte> Bytes, int DateAt);
}
