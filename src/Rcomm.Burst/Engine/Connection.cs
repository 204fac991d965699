using Rcomm.Burst.Engine.Http1;
using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine;

internal enum Phase : byte
{
    Planned,
    Connecting,

    /// <summary>Connected; waits for a TLS handshake or for its response.</summary>
    Waiting,

    /// <summary>Its outcome is known; it is held open, or waits for the server to close it.</summary>
    Lingering,
    Closed,
}

/// <summary>One open connection. Times are in microseconds on the run's <see cref="Clock"/>.</summary>
internal struct Connection(long meant, bool answerHasNoBody)
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
    public ResponseReader Response = new(answerHasNoBody);

    /// <summary>Null on the plain path, where the worker reads and writes directly.</summary>
    public Session? Session;

    public readonly ConnectionRecord ToRecord(int round, int? part) => new(
        round, Meant, OrNull(Opened), OrNull(Connected), OrNull(FirstByte), OrNull(Ended),
        SynRetransmits, Retransmits, Outcome, StatusOrNull())
    {
        Part = part,
        Tls = Session?.TlsRecord,
        WebSocket = Session?.WebSocket,
    };

    private readonly int? StatusOrNull() => (Session?.Status ?? Response.Status) is var status and not 0 ? status : null;

    private static long? OrNull(long time) => time == Never ? null : time;
}
