using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>Describes each outcome, as the end of a sentence about connections.</summary>
internal static class OutcomeSentence
{
    /// <summary>Null for <see cref="ConnectionOutcome.Answered"/>, which has its own sentence.</summary>
    public static string? Of(ConnectionOutcome outcome, BurstParameters asked) => outcome switch
    {
        ConnectionOutcome.Unfinished => "were unfinished when the run was stopped",
        ConnectionOutcome.WrongStatus =>
            $"were answered with an unexpected status (expected: {asked.Expected ?? (asked.Protocol == "websocket" ? "101" : "below 400")})",
        ConnectionOutcome.BadAnswer => "got an answer that isn't valid HTTP, or was cut short",
        ConnectionOutcome.ClosedWithoutAnswer => "were closed without an answer",
        ConnectionOutcome.Refused => "were refused: nothing listens there (`rcomm queues` lists what listens on this machine), or a firewall rejects them",
        ConnectionOutcome.Reset => "were reset after the handshake, before their answer was complete",
        ConnectionOutcome.TimedOutConnecting => "never connected: the handshake timed out",
        ConnectionOutcome.TimedOutHandshake => "connected, but the TLS handshake timed out",
        ConnectionOutcome.HandshakeFailed => "failed the TLS handshake",
        ConnectionOutcome.TimedOutWaiting => "connected but got no response",
        ConnectionOutcome.Unreachable => "failed: the host is unreachable",
        ConnectionOutcome.QueueFull => "were rejected at once by a full listen queue (EAGAIN; a Unix socket has no retry)",
        _ => null,
    };

    public static string Of(FailureCount failure) => failure.Failure switch
    {
        HandshakeFailure.Alert => $"the server sent the alert {failure.Alert}",
        HandshakeFailure.CertificateExpired => "the server's certificate has expired",
        HandshakeFailure.CertificateNotYetValid => "the server's certificate isn't valid yet",
        HandshakeFailure.CertificateNameMismatch => "the server's certificate is for another name",
        HandshakeFailure.CertificateUntrusted => "the server's certificate isn't signed by a trusted root (--cacert FILE trusts one, --insecure any)",
        HandshakeFailure.CertificateRejected => "the server's certificate was rejected",
        HandshakeFailure.NotTls => "the server does not speak TLS on this port",
        HandshakeFailure.Closed => "the server closed the connection during the handshake",
        HandshakeFailure.Reset => "the server reset the connection during the handshake",
        HandshakeFailure.NoHttp2 => "the server did not choose HTTP/2 (ALPN h2)",
        _ => "the server broke the TLS protocol",
    };
}
