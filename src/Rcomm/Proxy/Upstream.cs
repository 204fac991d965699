using System.Net;
using System.Net.Security;
using Rcomm.Proxy.Http1;
using Rcomm.Proxy.Http2;

namespace Rcomm.Proxy;

/// <summary>One upstream: its connections and its health.</summary>
internal sealed class Upstream : IDisposable
{
    // How long an upstream that failed gets no requests if others are available.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);

    private readonly UpstreamLog _log;
    private int _inFlight;
    private long _avoidedUntil;
    private volatile bool _isUnreachable;
    private volatile bool _isUnhealthy;

    public Upstream(UpstreamAddress address, Version http, ForwardingOptions options, UpstreamLog log)
    {
        Address = address;
        _log = log;
        bool isNamed = address.UnixPath is null && !IPAddress.TryParse(address.Host, out _);
        Pool = new ConnectionPool(new UpstreamConnector(address, SslApplicationProtocol.Http11, options), isNamed);
        if (http == HttpVersion.Version20) Http2 = new Http2Client(address, new UpstreamConnector(address, SslApplicationProtocol.Http2, options), isNamed);
    }

    public UpstreamAddress Address { get; }

    /// <summary>Its connections for HTTP/1.1.</summary>
    public ConnectionPool Pool { get; }

    /// <summary>Its HTTP/2 client; null if it uses HTTP/1.1.</summary>
    public Http2Client? Http2 { get; }

    /// <summary>The number of its current requests.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>False if it can't be reached or fails its health check.</summary>
    public bool IsUp => !_isUnreachable && !_isUnhealthy;

    public bool IsUnreachable => _isUnreachable;

    /// <summary>Whether requests should go to other upstreams.</summary>
    public bool IsAvoided => _isUnhealthy || Environment.TickCount64 < Volatile.Read(ref _avoidedUntil);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Records a response.</summary>
    public void Succeeded()
    {
        if (_isUnreachable) _isUnreachable = false;
        _log.Succeeded();
    }

    /// <summary>Records a failed request.</summary>
    /// <param name="status">The status sent to the client; 0 if the request goes to another upstream.</param>
    public void Failed(UpstreamException failure, int status)
    {
        Avoid(failure);
        _log.Failed(failure.Message, status);
    }

    /// <summary>Records the result of a health check or of an attempt to connect.</summary>
    /// <param name="problem">What was wrong; null if nothing was.</param>
    public void Checked(bool isHealthy, string? problem)
    {
        _isUnhealthy = !isHealthy;
        if (problem is null) Succeeded();
        else _log.Failed(problem, status: 0);
    }

    public void Dispose()
    {
        _log.Dispose();
        Pool.Dispose();
        Http2?.Dispose();
    }

    private void Avoid(UpstreamException failure)
    {
        if (failure.Failure == UpstreamFailure.NotConnected) _isUnreachable = true;
        Volatile.Write(ref _avoidedUntil, Environment.TickCount64 + (long)Recovery.TotalMilliseconds);
    }
}
