using System.Net;

namespace Rcomm.Transport.FastPath;

/// <summary>The answers that an endpoint has ready. Called on the fast path's threads, so no member may block.</summary>
public interface IReadyAnswers
{
    /// <summary>Gets the size limits of requests that can be answered from here.</summary>
    PlainRequestLimits Limits { get; }

    /// <summary>Finds the answer to a request. Returns null if there is none, and Kestrel answers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="sentBefore">
    /// A time before which the request was sent, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>. What was found to be current later than that
    /// is current for the request.
    /// </param>
    ReadyAnswer? Find(in PlainRequest request, long sentBefore);

    /// <summary>Called for each answer that is sent.</summary>
    /// <param name="request">The request it answers.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="client">The client's address; null for a Unix socket.</param>
    /// <param name="number">A number unique among the requests to these answers.</param>
    /// <param name="started">When the request was read, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    void Answered(in PlainRequest request, ReadyAnswer answer, IPAddress? client, long number, long started);
}

/// <summary>A connection that came from the fast path and can return to it.</summary>
public interface IFastPathFeature
{
    /// <summary>Gets the ready answers of the endpoint; null for none.</summary>
    IReadyAnswers? Answers { get; }

    /// <summary>
    /// Returns the connection to the fast path once the current request is answered and if nothing more has arrived. For requests whose successors
    /// are probably answered there.
    /// </summary>
    void ReturnWhenAnswered();

    /// <summary>
    /// Returns the connection if others wait for its place in Kestrel and nothing more has arrived. Called after a request without a body is
    /// answered.
    /// </summary>
    void ReturnIfNeeded();

    /// <summary>
    /// Returns the connection if its last request had no body and nothing more has arrived. Called when it has been idle for some seconds.
    /// </summary>
    void ReturnIdle();
}
