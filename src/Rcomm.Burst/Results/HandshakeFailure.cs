using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

/// <summary>Specifies why a TLS handshake failed. The names in JSON are fixed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HandshakeFailure>))]
public enum HandshakeFailure
{
    /// <summary>The server sent an alert.</summary>
    [JsonStringEnumMemberName("alert")]
    Alert,

    /// <summary>The server's certificate has expired.</summary>
    [JsonStringEnumMemberName("certificateExpired")]
    CertificateExpired,

    /// <summary>The server's certificate isn't valid yet.</summary>
    [JsonStringEnumMemberName("certificateNotYetValid")]
    CertificateNotYetValid,

    /// <summary>The server's certificate is for another name.</summary>
    [JsonStringEnumMemberName("certificateNameMismatch")]
    CertificateNameMismatch,

    /// <summary>No trusted root has signed the server's certificate.</summary>
    [JsonStringEnumMemberName("certificateUntrusted")]
    CertificateUntrusted,

    /// <summary>The server's certificate was rejected for another reason.</summary>
    [JsonStringEnumMemberName("certificateRejected")]
    CertificateRejected,

    /// <summary>The server answered with something that isn't TLS.</summary>
    [JsonStringEnumMemberName("notTls")]
    NotTls,

    /// <summary>The server closed the connection during the handshake.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,

    /// <summary>The server reset the connection during the handshake.</summary>
    [JsonStringEnumMemberName("reset")]
    Reset,

    /// <summary>The server did not choose HTTP/2 (ALPN <c>h2</c>), which the burst requested.</summary>
    [JsonStringEnumMemberName("noHttp2")]
    NoHttp2,

    /// <summary>Another protocol error.</summary>
    [JsonStringEnumMemberName("protocolError")]
    ProtocolError,
}
