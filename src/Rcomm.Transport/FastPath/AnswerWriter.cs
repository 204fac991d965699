using System.Diagnostics;
using System.Globalization;

namespace Rcomm.Transport.FastPath;

/// <summary>Writes the answers to the requests that one connection sent, one behind the other, into one buffer. Used by one thread.</summary>
/// <param name="number">The thread's number, below <see cref="MaxWriters"/>.</param>
internal sealed class AnswerWriter(int number)
{
    /// <summary>More would share their numbers in <see cref="IReadyAnswers.Find"/>: the last three bits of a moment are the thread's.</summary>
    public const int MaxWriters = 8;

    private const int MomentStep = MaxWriters;
    // With the head of the largest answer.
    public const int MaxAnswers = 68 << 10;

    private readonly ClientAddresses _clients = new();
    private readonly byte[] _buffer = new byte[MaxAnswers];
    private readonly byte[] _date = new byte[ReadyAnswer.DateLength];
    private long _dateOf;
    private long _moment = number;

    /// <summary>The date as HTTP has it.</summary>
    public ReadOnlySpan<byte> Date => _date;

    /// <summary>Requests that were answered.</summary>
    public long Count { get; private set; }

    /// <summary>To be called when the kernel has told of new events: requests that they tell of were sent before.</summary>
    public void BeginTurn()
    {
        NextMoment();
        DateTime time = DateTime.UtcNow;
        long second = time.Ticks / TimeSpan.TicksPerSecond;
        if (second != _dateOf) time.TryFormat(_date, out _, "R", CultureInfo.InvariantCulture);
        _dateOf = second;
    }

    /// <summary>The answers to the requests at the start of what was received. They are valid until the next call.</summary>
    /// <param name="ready">Where answers are found.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="received">What was received; afterwards what is left for Kestrel to answer.</param>
    /// <param name="closes">True where the connection is to be closed after them.</param>
    public ReadOnlySpan<byte> Write(IReadyAnswers ready, scoped ref FastPathConnection connection, scoped ref ReadOnlySpan<byte> received, out bool closes)
    {
        long started = Stopwatch.GetTimestamp();
        int filled = 0, requests = 0;
        for (closes = false; !received.IsEmpty; requests++)
        {
            if (!PlainRequest.TryRead(received, ready.Limits, out PlainRequest request) || (request.Closes && request.Length < received.Length)) break;
            // It may have been sent after the event that led here, and what was looked up since then may no longer be so.
            if (requests > 0 || connection.EventsAreLate) NextMoment();
            if (ready.Find(request, _moment) is not { } answer) break;
            int length = answer.Write(_buffer.AsSpan(filled), request.Closes, _date);
            // A client that asks for more than the buffer holds at once is Kestrel's, which waits for those that read slowly.
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
