using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine.Tls;

/// <summary>The result of one connection's handshake.</summary>
internal sealed class TlsState
{
    /// <summary>When the handshake succeeded, on the run's clock.</summary>
    public long Secured { get; set; } = Connection.Never;

    /// <summary>When the server's first byte arrived.</summary>
    public long Hello { get; set; } = Connection.Never;

    public string? Version { get; set; }

    public string? ApplicationProtocol { get; set; }

    public bool IsResumed { get; set; }

    /// <summary>Why the server's certificate was rejected; null if it wasn't.</summary>
    public HandshakeFailure? Rejection { get; set; }

    public HandshakeFailure? Failure { get; private set; }

    /// <summary>The alert that the server sent.</summary>
    public string? Alert { get; private set; }

    public void Fail(HandshakeFailure failure, string? alert) => (Failure, Alert) = (failure, alert);

    public TlsRecord ToRecord() => new(
        Hello == Connection.Never ? null : Hello, Secured == Connection.Never ? null : Secured, Version, string.IsNullOrEmpty(ApplicationProtocol)
            ? null : ApplicationProtocol, IsResumed ? true : null, Failure, Alert);
}
