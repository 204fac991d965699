namespace Rcomm.Transport.FastPath;

/// <summary>Which connections may be closed to make room for new ones, and how many at once.</summary>
internal static class IdleEviction
{
    public const int MaxClosedAtOnce = 64;

    /// <summary>The idle time after an answer. A client that just got an answer often sends another request soon.</summary>
    public static readonly TimeSpan MinIdleTime = TimeSpan.FromMilliseconds(100);

    /// <summary>The time without a complete request head, after which a client is either slow or stalls on purpose.</summary>
    public static readonly TimeSpan MinSilentTime = TimeSpan.FromSeconds(10);
}
