namespace Rcomm.Transport.Connections;

/// <summary>When a connection last received something.</summary>
public interface IReceivedFeature
{
    /// <summary>
    /// As <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> tells it: each request that was read of the connection so far was sent before. What
    /// was looked up later than this is true for it.
    /// </summary>
    long ReceivedAt { get; }
}
