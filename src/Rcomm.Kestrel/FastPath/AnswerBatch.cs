using System.Buffers;
using System.Net;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.FastPath;

/// <summary>The answers to requests received together, in a buffer of the pool.</summary>
internal readonly struct AnswerBatch
{
    private const int UsualBuffer = 4 << 10;
    private const int MaxJoined = 16 << 10;

    [ThreadStatic]
    private static byte[]? t_joined;

    private readonly byte[] _buffer;
    private readonly WrittenAnswers _written;

    /// <summary>Answers requests while they are plain and their answers are ready; a batch holds at least one answer of any size.</summary>
    public AnswerBatch(AnswerWriter writer, in ReadOnlySequence<byte> received, IReadyAnswers answers, IPAddress? client)
    {
        ReadOnlySpan<byte> requests = SpanOf(received);
        writer.BeginTurn();
        _buffer = ArrayPool<byte>.Shared.Rent(UsualBuffer);
        _written = writer.Write(answers, client, requests, _buffer, isLate: true);
        if (_written is { IsFull: true, Count: 0 })
        {
            Release();
            _buffer = ArrayPool<byte>.Shared.Rent(AnswerWriter.MaxAnswers);
            _written = writer.Write(answers, client, requests, _buffer, isLate: true);
        }
        NeedsKestrel = _written.Taken < received.Length && !(_written.IsFull && _written.Count > 0);
        FastPathMetrics.AnsweredOnKestrel(_written.Count);
    }

    /// <summary>The answers; empty if Kestrel must answer the first request.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _written.Length);

    /// <summary>The length in bytes of the answered requests.</summary>
    public int Taken => _written.Taken;

    /// <summary>Whether the connection closes after the answers.</summary>
    public bool Closes => _written.Closes;

    /// <summary>
    /// Whether the next request isn't plain, isn't complete or has no ready answer. False if everything is answered, or the rest can be once these
    /// answers are sent.
    /// </summary>
    public bool NeedsKestrel { get; }

    /// <summary>Returns the buffer to the pool.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_buffer);

    // Plain requests are small: more than the buffer holds is Kestrel's.
    private static ReadOnlySpan<byte> SpanOf(in ReadOnlySequence<byte> received)
    {
        if (received.IsSingleSegment) return received.FirstSpan;
        if (received.Length > MaxJoined) return default;
        Span<byte> joined = (t_joined ??= new byte[MaxJoined]).AsSpan(0, (int)received.Length);
        received.CopyTo(joined);
        return joined;
    }
}
