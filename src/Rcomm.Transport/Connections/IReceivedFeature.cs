namespace Rcomm.Transport.Connections;

/// <summary>Reports when a connection last received data.</summary>
public interface IReceivedFeature
{
    /// <summary>
    /// Gets the time as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>. Every request read from the connection so far was sent earlier, so
    /// anything looked up later is current for it.
    /// </summary>
    long ReceivedAt { get; }
}
