namespace Rcomm.Transport.FastPath;

/// <summary>An answer that needs only the date to be sent, in both its forms: for a connection that stays open, and for one that is closed after it.</summary>
public abstract class ReadyAnswer
{
    /// <summary>Bytes of a date as HTTP has it (RFC 9110, section 5.6.7).</summary>
    public const int DateLength = 29;

    private readonly Head _open;
    private readonly Head _closing;
    private readonly ReadOnlyMemory<byte> _body;

    /// <summary>An answer of a head and a body.</summary>
    protected ReadyAnswer(Head open, Head closing, ReadOnlyMemory<byte> body) => (_open, _closing, _body) = (open, closing, body);

    /// <summary>Bytes of the body.</summary>
    public int BodyLength => _body.Length;

    /// <summary>Writes the answer; returns its length, and 0 where there is no room for it.</summary>
    /// <param name="room">Where to.</param>
    /// <param name="closes">True where the connection is closed after it.</param>
    /// <param name="date">The date now.</param>
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

    /// <summary>The bytes up to the body.</summary>
    /// <param name="Bytes">All of them, with some date.</param>
    /// <param name="DateAt">Where the date stands.</param>
    protected readonly record struct Head(ReadOnlyMemory<byte> Bytes, int DateAt);
}
