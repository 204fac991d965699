using System.Diagnostics;
using System.Net;

namespace Rcomm.Transport.FastPath;

/// <summary>Writes the answers to the pipelined requests of one connection into one buffer. Used by one thread at a time.</summary>
internal sealed class AnswerWriter
{
    // Includes the head of the largest answer.
    public const int MaxAnswers = 68 << 10;

    // Writers draw the numbers of requests in blocks, so that they seldom meet.
    private const int NumberBlock = 64;

    private static long s_numbers;

    private byte[] _date = [];
    private long _turnBegan;
    private long _number;

    /// <summary>The current date in the format of HTTP.</summary>
    public ReadOnlySpan<byte> Date => _date;

    /// <summary>The number of requests answered.</summary>
    public long Count { get; private set; }

    /// <summary>Starts a turn. Call it after each wait for events: the requests they report were sent earlier.</summary>
    public void BeginTurn()
    {
        _turnBegan = Stopwatch.GetTimestamp();
        _date = HttpDate.Now;
    }

    /// <summary>Answers the requests at the start of the received bytes, while they are plain, their answers are ready and the buffer has room.</summary>
    /// <param name="ready">The answers that are ready.</param>
    /// <param name="client">The client's address; null for a Unix socket.</param>
    /// <param name="received">The received bytes.</param>
    /// <param name="buffer">The buffer for the answers.</param>
    /// <param name="isLate">Whether the first request may be newer than the turn. The others always may.</param>
    public WrittenAnswers Write(IReadyAnswers ready, IPAddress? client, ReadOnlySpan<byte> received, Span<byte> buffer, bool isLate)
    {
        long now = Stopwatch.GetTimestamp(), sentBefore = isLate ? now : _turnBegan;
        int taken = 0, filled = 0, count = 0;
        bool closes = false, isFull = false;
        while (taken < received.Length)
        {
            ReadOnlySpan<byte> rest = received[taken..];
            if (!PlainRequest.TryRead(rest, ready.Limits, out PlainRequest request) || (request.Closes && request.Length < rest.Length)) break;
            if (ready.Find(request, sentBefore) is not { } answer) break;
            int length = answer.Write(buffer[filled..], request.Closes, _date);
            isFull = length == 0;
            if (isFull) break;

            filled += length;
            taken += request.Length;
            closes = request.Closes;
            count++;
            sentBefore = now;
            ready.Answered(request, answer, client, NextNumber(), now);
        }
        Count += count;
        return new(taken, filled, count, closes, isFull);
    }

    private long NextNumber()
    {
        if (_number % NumberBlock == 0) _number = Interlocked.Add(ref s_numbers, NumberBlock);
        return _number++;
    }
}

/// <summary>What was answered.</summary>
/// <param name="Taken">The length in bytes of the answered requests.</param>
/// <param name="Length">The length in bytes of the answers.</param>
/// <param name="Count">The number of answers.</param>
/// <param name="Closes">Whether the connection must be closed after them.</param>
/// <param name="IsFull">Whether the next answer is ready, but the buffer has no room for it.</param>
internal readonly record struct WrittenAnswers(int Taken, int Length, int Count, bool Closes, bool IsFull);
