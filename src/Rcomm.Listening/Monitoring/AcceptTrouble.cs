using Rcomm.Listening.Accepting;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// What keeps the accept loop from accepting: the connection limit, a lack of descriptors or memory, or a broken socket. Each is
/// reported once when it begins. Not thread-safe: its monitor locks.
/// </summary>
internal sealed class AcceptTrouble(string queue)
{
    // At the limit each connection that ends lets one in: without this pause there would be a line in the log for each.
    private static readonly TimeSpan QuietAfterPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _errors = [];
    private TimeSpan? _pausedSince;
    private TimeSpan _lastFailed;

    /// <summary>Why nothing is accepted; null where nothing keeps the loop from it.</summary>
    public StallCause? Cause { get; private set; }

    /// <summary>Failed accepts so far, by the name of the errno.</summary>
    public IReadOnlyDictionary<string, long> Errors => new Dictionary<string, long>(_errors);

    /// <summary>The limit is reached; the event to tell, where it is new.</summary>
    public QueueEvent.LimitReached? AddLimit(int max, bool turnsAway, TimeSpan now)
    {
        _lastFailed = now;
        if (Cause is not null) return null;
        _pausedSince = now;
        Cause = StallCause.ConnectionLimit;
        return new QueueEvent.LimitReached(queue, max, turnsAway);
    }

    /// <summary>An accept failed; the event to tell, where it is one that matters and it is new.</summary>
    public QueueEvent? AddFailure(string error, AcceptOutcome outcome, TimeSpan now)
    {
        _errors[error] = _errors.GetValueOrDefault(error) + 1;
        if (outcome == AcceptOutcome.OutOfResources) _lastFailed = now;
        if (outcome == AcceptOutcome.TryNext || Cause is not null) return null;
        if (outcome != AcceptOutcome.OutOfResources)
        {
            Cause = StallCause.Broken;
            return new QueueEvent.AcceptBroken(queue, error);
        }
        _pausedSince = now;
        Cause = StallCause.OutOfResources;
        return new QueueEvent.AcceptPaused(queue, error);
    }

    /// <summary>The event that accepting goes on, once nothing has failed for a second.</summary>
    public QueueEvent.AcceptGoesOn? Tick(TimeSpan now)
    {
        if (_pausedSince is not { } since || now - _lastFailed < QuietAfterPause) return null;
        _pausedSince = null;
        Cause = null;
        return new QueueEvent.AcceptGoesOn(queue, _lastFailed - since);
    }
}
