using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

/// <summary>What became of one connection. The names in JSON are fixed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionOutcome>))]
public enum ConnectionOutcome
{
    /// <summary>The run was stopped before the connection came to its end.</summary>
    [JsonStringEnumMemberName("unfinished")]
    Unfinished,

    /// <summary>A whole answer with a status below 400; with <see cref="BurstPlan.ConnectOnly"/>, the handshake ended.</summary>
    [JsonStringEnumMemberName("answered")]
    Answered,

    /// <summary>A whole answer with a status of 400 or above.</summary>
    [JsonStringEnumMemberName("wrongStatus")]
    WrongStatus,

    /// <summary>The answer was no HTTP, or was cut short.</summary>
    [JsonStringEnumMemberName("badAnswer")]
    BadAnswer,

    /// <summary>The connection was closed in good order before the first byte of an answer.</summary>
    [JsonStringEnumMemberName("closedWithoutAnswer")]
    ClosedWithoutAnswer,

    /// <summary>A reset in the handshake (<c>ECONNREFUSED</c>, which is all Linux says of one): nobody listens there, or a firewall refuses.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>A reset after the handshake and before the answer was whole (<c>ECONNRESET</c>, <c>EPIPE</c>).</summary>
    [JsonStringEnumMemberName("reset")]
    Reset,

    /// <summary>
    /// The handshake did not end in the time given; also where this side took itself for connected, but the server acknowledged nothing of the
    /// request, because its full listen queue had dropped the packet that ends the handshake.
    /// </summary>
    [JsonStringEnumMemberName("timedOutConnecting")]
    TimedOutConnecting,

    /// <summary>The server has the connection, but the TLS handshake was not complete in the time given.</summary>
    [JsonStringEnumMemberName("timedOutHandshake")]
    TimedOutHandshake,

    /// <summary>The TLS handshake failed; <see cref="TlsRecord.Failure"/> says why.</summary>
    [JsonStringEnumMemberName("handshakeFailed")]
    HandshakeFailed,

    /// <summary>The handshake ended, the answer was not whole in the time given.</summary>
    [JsonStringEnumMemberName("timedOutWaiting")]
    TimedOutWaiting,

    /// <summary>The network said that the host cannot be reached (<c>EHOSTUNREACH</c>, <c>ENETUNREACH</c>).</summary>
    [JsonStringEnumMemberName("unreachable")]
    Unreachable,

    /// <summary>A Unix socket's listen queue was full (<c>EAGAIN</c>); the kernel turns a non-blocking client away at once there, without a retry.</summary>
    [JsonStringEnumMemberName("queueFull")]
    QueueFull,
}
