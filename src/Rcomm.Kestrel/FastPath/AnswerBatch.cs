using System.Buffers;
using System.Diagnostics;
using System.Net;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.FastPath;

/// <summary>The answers to requests received together, in one buffer.</summary>
internal struct AnswerBatch
{
    private const int UsualBuffer = 4 << 10;
    private const int MaxReceived = 16 << 10;
    // Above all moments of the fast path's own threads, which count up from 0 in the same steps.
    private const long FirstMoment = 1L << 62;
    private const int MomentStep = IReadyAnswers.MaxThreads;

    [ThreadStatic]
    private static byte[]? t_received;

    private byte[] _buffer;
    private int _filled;

    /// <summary>The answers; empty if Kestrel must answer the first request.</summary>
    public readonly ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _filled);

    /// <summary>The length in bytes of the answered requests.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether the connection closes after the answers.</summary>
    public bool Closes { get; private set; }

    /// <summary>
    /// Whether the next request isn't plain, isn't complete or has no ready answer. False if everything is answered, or the rest can be once these
    /// answers are sent.
    /// </summary>
    public bool NeedsKestrel { get; private set; }

    /// <summary>Answers requests while they are plain, their answers are ready and the buffer has room.</summary>
    public static AnswerBatch Of(in ReadOnlySequence<byte> received, IReadyAnswers answers, IPAddress? client)
    {
        ReadOnlySpan<byte> all = SpanOf(received);
        var batch = new AnswerBatch { _buffer = ArrayPool<byte>.Shared.Rent(UsualBuffer) };
        long started = Stopwatch.GetTimestamp();
        while (batch.Taken < all.Length && batch.TryAnswer(all[batch.Taken..], received.Length, answers, client, started)) { }
        return batch;
    }

    /// <summary>Returns the buffer to the pool.</summary>
    public readonly void Release() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool TryAnswer(ReadOnlySpan<byte> rest, long receivedLength, IReadyAnswers answers, IPAddress? client, long started)
    {
        NeedsKestrel = true;
        if (!PlainRequest.TryRead(rest, answers.Limits, out PlainRequest request)) return false;
        if (request.Closes && Taken + request.Length < receivedLength) return false;
        long number = FastPathMetrics.NextOnKestrel();
        // Each request has its own moment, since it may have been sent after the one before it was answered.
        if (answers.Find(request, FirstMoment + number * MomentStep) is not { } answer) return false;
        int length = answer.Write(_buffer.AsSpan(_filled), request.Closes, HttpDate.Now);
        if (length == 0)
        {
            NeedsKestrel = _filled == 0;
            if (!NeedsKestrel) return false;
            Enlarge();
            length = answer.Write(_buffer, request.Closes, HttpDate.Now);
            if (length == 0) return false;
        }

        _filled += length;
        Taken += request.Length;
        Closes = request.Closes;
        NeedsKestrel = false;
        FastPathMetrics.AnsweredOnKestrel();
        answers.Answered(request, answer, client, number, started);
        return true;
    }

    private void Enlarge()
    {
        Release();
        _buffer = ArrayPool<byte>.Shared.Rent(AnswerWriter.MaxAnswers);
    }

    private static ReadOnlySpan<byte> SpanOf(in ReadOnlySequence<byte> received)
    {
        if (received.IsSingleSegment) return received.FirstSpan;
        Span<byte> joined = (t_received ??= new byte[MaxReceived]).AsSpan(0, (int)Math.Min(MaxReceived, received.Length));
        received.Slice(0, joined.Length).CopyTo(joined);
        return joined;
    }
}
