namespace Rcomm.Listening.Accepting;

/// <summary>Takes connections over as they come from the kernel, without an object for each.</summary>
public interface IConnectionSink
{
    /// <summary>Takes one over. Called on the accept loop's thread: it must return at once.</summary>
    /// <param name="descriptor">Blocking, close-on-exec; to be closed by the sink, or by an <see cref="AcceptedConnection"/> that it makes.</param>
    /// <param name="peer">The client's address.</param>
    /// <param name="place">Where it is counted: to be told when it is served, and when it has ended.</param>
    void Accepted(int descriptor, in PeerAddress peer, OpenConnections place);
}
