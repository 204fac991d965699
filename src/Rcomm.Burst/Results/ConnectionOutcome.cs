using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

/// <summary>Specifies the outcome of a connection. The names in JSON are fixed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionOutcome>))]
public enum ConnectionOutcome
{
    /// <summary>The run was stopped before the connection ended.</summary>
    [JsonStringEnumMemberName("unfinished")]
    Unfinished,

    /// <summary>A complete response with a status below 400; with <see cref="BurstPlan.ConnectOnly"/>, a complete handshake.</summary>
    [JsonStringEnumMemberName("answered")]
    Answered,

    /// <summary>A complete response with a status of 400 or above.</summary>
    [JsonStringEnumMemberName("wrongStatus")]
    WrongStatus,

    /// <summary>The response wasn't valid HTTP, or was incomplete.</summary>
    [JsonStringEnumMemberName("badAnswer")]
    BadAnswer,

    /// <summary>The server closed the connection normally before the first byte of a response.</summary>
    [JsonStringEnumMemberName("closedWithoutAnswer")]
    ClosedWithoutAnswer,

    /// <summary>A reset during the handshake (<c>ECONNREFUSED</c> is all that Linux reports): nothing listens there, or a firewall refuses.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>A reset after the handshake and before the end of the response (<c>ECONNRESET</c>, <c>EPIPE</c>).</summary>
    [JsonStringEnumMemberName("reset")]
    Reset,

    /// <summary>
    /// The handshake timed out. Also if this side considered itself connected, but the server acknowledged nothing of the request, because its full
    /// listen queue had dropped the packet that completes the handshake.
    /// </summary>
    [JsonStringEnumMemberName("timedOutConnecting")]
    TimedOutConnecting,

    /// <summary>The server has the connection, but the TLS handshake timed out.</summary>
    [JsonStringEnumMemberName("timedOutHandshake")]
    TimedOutHandshake,

    /// <summary>The TLS handshake failed; <see cref="TlsRecord.Failure"/> has the reason.</summary>
    [JsonStringEnumMemberName("handshakeFailed")]
    HandshakeFailed,

    /// <summary>The handshake succeeded, but the response was not complete in time.</summary>
    [JsonStringEnumMemberName("timedOutWaiting")]
    TimedOutWaiting,

    /// <summary>The network reported the host as unreachable (<c>EHOSTUNREACH</c>, <c>ENETUNREACH</c>).</summary>
    [JsonStringEnumMemberName("unreachable")]
    Unreachable,

    /// <summary>A Unix socket's listen queue was full (<c>EAGAIN</c>); the kernel refuses non-blocking clients immediately, without a retry.</summary>
    [JsonStringEnumMemberName("queueFull")]
    QueueFull,
}
