namespace Rcomm.Proxy.Http1;

/// <summary>Specifies how the end of a response's body is found.</summary>
internal enum BodyFraming
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>The status line and the fields of a response.</summary>
internal sealed class ResponseHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    public int Status { get; set; }

    /// <summary>The reason phrase if it isn't the status's usual one; otherwise null.</summary>
    public string? Reason { get; set; }

    public bool IsHttp10 { get; set; }

    public List<(string Name, string Value)> Fields => _fields;

    /// <summary>The value of Content-Length; -1 if there is none.</summary>
    public long ContentLength { get; set; } = -1;

    public bool IsChunked { get; set; }

    public bool IsEventStream { get; set; }

    public bool HasUpgrade { get; set; }

    /// <summary>The value of Connection; null if there is no such field.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether the status precedes the final response; not 101.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Returns true if the connection can be used for another response after this body.</summary>
    public bool KeepsConnection(BodyFraming framing) =>
        framing != BodyFraming.UntilClose && (IsHttp10 ? Names("keep-alive") : !Names("close"))
        // Unexpected body bytes would be taken for the next response.
        && !(Status == 204 && (IsChunked || ContentLength > 0)) && !(Status == 304 && IsChunked);

    /// <summary>Returns the body's framing (RFC 9112, section 6.3).</summary>
    public BodyFraming FramingFor(bool isHead) =>
        isHead || Status is < 200 or 204 or 304 ? BodyFraming.None
        : IsChunked ? BodyFraming.Chunked
        : ContentLength >= 0 ? BodyFraming.Length
        : BodyFraming.UntilClose;

    /// <summary>Returns true if Connection names a field or an option.</summary>
    public bool Names(string token) => Connection is not null && FieldRules.HasToken(Connection, token);

    public void Clear()
    {
        _fields.Clear();
        (Status, Reason, IsHttp10, ContentLength, IsChunked, IsEventStream, HasUpgrade, Connection) = (0, null, false, -1, false, false, false, null);
    }
}
