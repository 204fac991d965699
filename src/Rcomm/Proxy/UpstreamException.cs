namespace Rcomm.Proxy;

/// <summary>What went wrong with an upstream.</summary>
internal enum UpstreamFailure
{
    /// <summary>There was no connection, so that nothing was sent.</summary>
    NotConnected,

    /// <summary>The connection ended before a byte of an answer came.</summary>
    NoAnswer,

    /// <summary>The connection ended in the middle of an answer.</summary>
    Incomplete,

    /// <summary>The answer isn't HTTP as a proxy may forward it.</summary>
    BadAnswer,

    /// <summary>Nothing came for as long as an upstream may be silent.</summary>
    TimedOut,

    /// <summary>What a slow client sends or does not take could not be kept.</summary>
    NotKept,

    /// <summary>The request can't be sent to this upstream as it came.</summary>
    NotForwardable,

    /// <summary>The client is gone, or does not send the rest of its request.</summary>
    Client,
}

/// <summary>An upstream, or the client while its request was being forwarded, failed.</summary>
/// <param name="failure">What kind of failure it was.</param>
/// <param name="reason">What an operator is told, as the end of a sentence: <c>connection refused</c>.</param>
internal sealed class UpstreamException(UpstreamFailure failure, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public UpstreamFailure Failure => failure;
}
