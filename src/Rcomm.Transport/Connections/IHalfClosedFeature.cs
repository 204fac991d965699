namespace Rcomm.Transport.Connections;

/// <summary>What happens to a connection whose client has ended its side while a request of it is being answered.</summary>
public interface IHalfClosedFeature
{
    /// <summary>
    /// True to keep it until it is answered, however long that takes; false, which it is at first, to end it after a moment, since most
    /// such clients are gone.
    /// </summary>
    bool IsKept { get; set; }
}
