namespace Rcomm.Burst.Results;

/// <summary>One connection's TLS handshake.</summary>
/// <param name="HelloUs">When the first byte of the server's handshake arrived, in microseconds since the run began; null if none did.</param>
/// <param name="SecuredUs">When the handshake succeeded, in microseconds since the run began; null if it did not.</param>
/// <param name="Version">The TLS version, e.g. <c>1.3</c>.</param>
/// <param name="Alpn">The application protocol that the server chose; null for none.</param>
/// <param name="Resumed">True if the server resumed an earlier session; otherwise null.</param>
/// <param name="Failure">Why the handshake failed; null if it did not.</param>
/// <param name="Alert">The name of the alert that the server sent (RFC 8446, 6), e.g. <c>handshake_failure</c>; null if it sent none.</param>
public sealed record TlsRecord(long? HelloUs, long? SecuredUs, string? Version, string? Alpn, bool? Resumed, HandshakeFailure? Failure, string? Alert);
