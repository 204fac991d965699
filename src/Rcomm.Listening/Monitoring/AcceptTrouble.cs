using Rcomm.Listening.Accepting;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Tracks what keeps the accept loop from accepting: the connection limit, a lack of descriptors or memory, or a broken socket. Each is reported once
/// when it begins. Not thread-safe; its monitor locks.
/// </summary>
internal sealed class AcceptTrouble(string queue)
{
    // At the limit, each connection that ends lets one in; without this interval each would cause a log line.
    private static readonly TimeSpan ResumeInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _errors = [];
    private TimeSpan? _pausedSince;
    private TimeSpan _lastFailed;

    /// <summary>Why nothing is accepted; null if nothing prevents it.</summary>
    public StallCause? Cause { get; private set; }

    /// <summary>Failed accepts so far, by errno name.</summary>
    public IReadOnlyDictionary<string, long> Errors => new Dictionary<string, long>(_errors);

    /// <summary>Records that the limit is reached. Returns an event if that is new.</summary>
    public QueueEvent.LimitReached? AddLimit(int max, bool turnsAway, TimeSpan now)
    {
        _lastFailed = now;
        if (Cause is not null) return null;
        _pausedSince = now;
        Cause = StallCause.ConnectionLimit;
        return new QueueEvent.LimitReached(queue, max, turnsAway);
    }

    /// <summary>Records a failed accept. Returns an event if the failure matters and is new.</summary>
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

    /// <summary>Returns the event that accepting works again, once nothing has failed for a second.</summary>
    public QueueEvent.AcceptResumed? Tick(TimeSpan now)
    {
        if (_pausedSince is not { } since || now - _lastFailed < ResumeInterval) return null;
        _pausedSince = null;
        Cause = null;
        return new QueueEvent.AcceptResumed(queue, _lastFailed - since);
    }
}
