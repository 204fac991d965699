namespace Rcomm.Transport.Connections;

/// <summary>Controls what happens to a half-closed connection: its client has closed its side while a request is being answered.</summary>
public interface IHalfClosedFeature
{
    /// <summary>
    /// Gets or sets whether the connection is kept until the response is sent, however long that takes. False by default: it ends after a moment,
    /// since most such clients are gone.
    /// </summary>
    bool IsKept { get; set; }
}
