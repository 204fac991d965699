namespace Rcomm.Transport.FastPath;

/// <summary>How fast a client must accept an answer.</summary>
/// <param name="BytesPerSecond">The minimum rate.</param>
/// <param name="Grace">The time that a client gets in addition.</param>
internal readonly record struct MinSendRate(double BytesPerSecond, TimeSpan Grace)
{
    // A timer takes no longer time than some weeks.
    private const double MaxSeconds = 24 * 60 * 60;

    /// <summary>Returns how long sending so many bytes may take.</summary>
    public TimeSpan TimeFor(int bytes) => Grace + TimeSpan.FromSeconds(Math.Min(bytes / BytesPerSecond, MaxSeconds));
}
