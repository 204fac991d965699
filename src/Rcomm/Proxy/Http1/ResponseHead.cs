namespace Rcomm.Proxy.Http1;

/// <summary>Where the body of an answer ends.</summary>
internal enum BodyFraming
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>The status line and the fields of an answer.</summary>
internal sealed class ResponseHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    public int Status { get; set; }

    /// <summary>The reason phrase, where it isn't the usual one of the status; null where it is.</summary>
    public string? Reason { get; set; }

    public bool IsHttp10 { get; set; }

    public List<(string Name, string Value)> Fields => _fields;

    /// <summary>The value of Content-Length; -1 where there is none.</summary>
    public long ContentLength { get; set; } = -1;

    public bool IsChunked { get; set; }

    public bool IsEventStream { get; set; }

    public bool HasUpgrade { get; set; }

    /// <summary>What Connection names; null where there is no such field.</summary>
    public string? Connection { get; set; }

    /// <summary>True for a status that an upstream sends before the answer itself, 101 apart.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>True where the connection may have another answer after the body of this one.</summary>
    public bool KeepsConnection(BodyFraming framing) =>
        framing != BodyFraming.UntilClose && (IsHttp10 ? Names("keep-alive") : !Names("close"))
        // Bytes that must not be there would be taken for the next answer.
        && !(Status == 204 && (IsChunked || ContentLength > 0)) && !(Status == 304 && IsChunked);

    /// <summary>The body's framing (RFC 9112, section 6.3).</summary>
    public BodyFraming FramingFor(bool isHead) =>
        isHead || Status is < 200 or 204 or 304 ? BodyFraming.None
        : IsChunked ? BodyFraming.Chunked
        : ContentLength >= 0 ? BodyFraming.Length
        : BodyFraming.UntilClose;

    /// <summary>True where Connection names a field or an option.</summary>
    public bool Names(string token) => Connection is not null && FieldRules.HasToken(Connection, token);

    public void Clear()
    {
        _fields.Clear();
        (Status, Reason, IsHttp10, ContentLength, IsChunked, IsEventStream, HasUpgrade, Connection) = (0, null, false, -1, false, false, false, null);
    }
}
