using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine;

internal enum Phase : byte
{
    Planned,
    Connecting,
    Waiting,

    /// <summary>Its outcome is known; it is held open, or waits for the server to close.</summary>
    Lingering,
    Closed,
}

/// <summary>One connection while it lives. Times are microseconds on the run's <see cref="Clock"/>.</summary>
internal struct Connection(long meant)
{
    public const long Never = -1;

    public long Meant = meant;
    public long Opened = Never;
    public long Connected = Never;
    public long FirstByte = Never;
    public long Ended = Never;
    public int Descriptor = -1;
    public int Sent;
    public int SynRetransmits;
    public int Retransmits;
    public Phase Phase;
    public ConnectionOutcome Outcome;
    public ResponseReader Response;

    public readonly ConnectionRecord ToRecord(int round) => new(
        round, Meant, OrNull(Opened), OrNull(Connected), OrNull(FirstByte), OrNull(Ended),
        SynRetransmits, Retransmits, Outcome, Response.Status == 0 ? null : Response.Status);

    private static long? OrNull(long time) => time == Never ? null : time;
}
