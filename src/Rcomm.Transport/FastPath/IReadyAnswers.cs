using System.Net;

namespace Rcomm.Transport.FastPath;

/// <summary>The answers that an endpoint has ready. Called on the fast path's threads: nothing in it may wait.</summary>
public interface IReadyAnswers
{
    /// <summary>How large a request may be that is answered from here.</summary>
    PlainRequestLimits Limits { get; }

    /// <summary>The answer to a request; null where there is none now, and Kestrel answers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="moment">
    /// Stands for the time the request was sent: what was found to be current at this very moment still is. Its last three bits are the thread's number.
    /// </param>
    ReadyAnswer? Find(in PlainRequest request, long moment);

    /// <summary>Told of each answer that is sent.</summary>
    /// <param name="request">What it answers.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="client">Who asked; null on a Unix socket.</param>
    /// <param name="number">A number that no other request to the same answers has.</param>
    /// <param name="started">When the request was read, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> tells it.</param>
    void Answered(in PlainRequest request, ReadyAnswer answer, IPAddress? client, long number, long started);
}

/// <summary>A connection that came from the fast path and can go back there.</summary>
public interface IFastPathFeature
{
    /// <summary>The ready answers of its endpoint; null for none.</summary>
    IReadyAnswers? Answers { get; }

    /// <summary>
    /// Says that the next request on the connection is probably one for the fast path: it goes back there once this one is answered and
    /// nothing more has come.
    /// </summary>
    void ReturnWhenAnswered();

    /// <summary>
    /// Says that a request without a body was answered: the connection goes back if others wait for its place in Kestrel and nothing more
    /// has come.
    /// </summary>
    void ReturnIfNeeded();

    /// <summary>Says that no request has come for some seconds: the connection goes back if the last one had no body, and nothing more has come.</summary>
    void ReturnIdle();
}
