namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Tells how long a connection can have waited at most, from the readings alone. The queue is first in, first out: once all connections of a reading
/// are accepted, those that follow arrived after it.
/// </summary>
internal sealed class ArrivalBound
{
    private static readonly TimeSpan Unknown = -TimeSpan.FromDays(1);

    private TimeSpan _read = Unknown;
    private TimeSpan _after = Unknown;

    /// <summary>Notes that the depth was read.</summary>
    /// <param name="now">The time before the reading.</param>
    /// <param name="previousAccepted">Whether all connections of the reading before were accepted.</param>
    public void Read(TimeSpan now, bool previousAccepted)
    {
        if (previousAccepted) _after = _read;
        _read = now;
    }

    /// <summary>Notes that a connection may not have been accepted although an attempt was made.</summary>
    public void Forget() => (_read, _after) = (Unknown, Unknown);

    /// <summary>Returns whether the next connection has certainly waited less than this.</summary>
    public bool IsBelow(TimeSpan wait, TimeSpan now) => now - _after < wait;
}
