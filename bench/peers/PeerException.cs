namespace Rcomm.Peers;

/// <summary>Something could not be measured, and why.</summary>
internal class PeerException(string message) : Exception(message);

/// <summary>A server did not start.</summary>
internal sealed class NotStartedException(string message) : PeerException(message);
