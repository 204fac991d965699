namespace Rcomm.Proxy;

/// <summary>Specifies what went wrong with an upstream.</summary>
internal enum UpstreamFailure
{
    /// <summary>There was no connection, so nothing was sent.</summary>
    NotConnected,

    /// <summary>The connection ended before the first byte of a response.</summary>
    NoAnswer,

    /// <summary>The connection ended in the middle of a response.</summary>
    Incomplete,

    /// <summary>The response isn't valid HTTP that a proxy may forward.</summary>
    BadAnswer,

    /// <summary>The upstream was silent for too long.</summary>
    TimedOut,

    /// <summary>The data of a slow client could not be buffered.</summary>
    NotKept,

    /// <summary>The request can't be sent to this upstream unchanged.</summary>
    NotForwardable,

    /// <summary>The client is gone, or doesn't send the rest of its request.</summary>
    Client,
}

/// <summary>The exception thrown if an upstream fails, or the client does while its request is forwarded.</summary>
/// <param name="failure">The kind of failure.</param>
/// <param name="reason">The reason for the operator, as the end of a sentence: <c>connection refused</c>.</param>
internal sealed class UpstreamException(UpstreamFailure failure, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public UpstreamFailure Failure => failure;
}
