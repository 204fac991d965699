namespace Rcomm.Listening.Accepting;

/// <summary>Takes ownership of accepted connections without an object for each.</summary>
public interface IConnectionSink
{
    /// <summary>Called for each connection, on the accept loop's thread, so it must not block.</summary>
    /// <param name="descriptor">
    /// The descriptor: blocking, close-on-exec. The sink closes it, or an <see cref="AcceptedConnection"/> that it creates.
    /// </param>
    /// <param name="peer">The client's address.</param>
    /// <param name="place">Where the connection is counted. Tell it when the connection is served and when it has ended.</param>
    void Accepted(int descriptor, in PeerAddress peer, OpenConnections place);
}
