using System.Diagnostics;

namespace Rcomm.Transport.FastPath;

/// <summary>Writes the answers to the pipelined requests of one connection into one buffer. Used by one thread.</summary>
/// <param name="number">The thread's number, from 0 and below <see cref="IReadyAnswers.MaxThreads"/>.</param>
internal sealed class AnswerWriter(int number)
{
    private const int MomentStep = IReadyAnswers.MaxThreads;
    // Includes the head of the largest answer.
    public const int MaxAnswers = 68 << 10;

    private readonly ClientAddresses _clients = new();
    private readonly byte[] _buffer = new byte[MaxAnswers];
    private readonly byte[] _date = new byte[ReadyAnswer.DateLength];
    private long _moment = number;

    /// <summary>The current date in the format of HTTP.</summary>
    public ReadOnlySpan<byte> Date => _date;

    /// <summary>The number of requests answered.</summary>
    public long Count { get; private set; }

    /// <summary>Starts a new moment. Call it after each wait for events: the requests they report were sent earlier.</summary>
    public void BeginTurn()
    {
        NextMoment();
        HttpDate.Now.CopyTo(_date);
    }

    /// <summary>Writes the answers to the requests at the start of the received bytes. The result is valid until the next call.</summary>
    /// <param name="ready">The answers that are ready.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="received">The received bytes; on return, the rest that Kestrel must answer.</param>
    /// <param name="closes">True if the connection must be closed after the answers.</param>
    public ReadOnlySpan<byte> Write(IReadyAnswers ready, scoped ref FastPathConnection connection, scoped ref ReadOnlySpan<byte> received, out bool closes)
    {
        long started = Stopwatch.GetTimestamp();
        int filled = 0, requests = 0;
        for (closes = false; !received.IsEmpty; requests++)
        {
            if (!PlainRequest.TryRead(received, ready.Limits, out PlainRequest request) || (request.Closes && request.Length < received.Length)) break;
            // The request may be newer than the event, so earlier lookups may be out of date.
            if (requests > 0 || connection.EventsAreLate) NextMoment();
            if (ready.Find(request, _moment) is not { } answer) break;
            int length = answer.Write(_buffer.AsSpan(filled), request.Closes, _date);
            // If the pipelined answers exceed the buffer, Kestrel takes over, since it waits for slow readers.
            if (length == 0) break;

            filled += length;
            received = received[request.Length..];
            closes = request.Closes;
            Count++;
            ready.Answered(request, answer, _clients.Find(connection.Peer), Count * MomentStep + number, started);
        }
        connection.EventsAreLate = requests > 1;
        connection.HadRequest |= requests > 0;
        return _buffer.AsSpan(0, filled);
    }

    private void NextMoment() => _moment += MomentStep;
}
