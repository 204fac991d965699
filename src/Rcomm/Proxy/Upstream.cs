using System.Net;
using System.Net.Security;
using Rcomm.Proxy.Http1;
using Rcomm.Proxy.Http2;

namespace Rcomm.Proxy;

/// <summary>One place where a service is: its connections, and how it has been doing.</summary>
internal sealed class Upstream : IDisposable
{
    // How long one that failed gets no requests where others can have them.
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

    /// <summary>Where it is asked over HTTP/2; null where it isn't.</summary>
    public Http2Client? Http2 { get; }

    /// <summary>Requests that it has now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>False where it can't be reached, or fails its health check.</summary>
    public bool IsUp => !_isUnreachable && !_isUnhealthy;

    public bool IsUnreachable => _isUnreachable;

    /// <summary>True where requests should go to others.</summary>
    public bool IsAvoided => _isUnhealthy || Environment.TickCount64 < Volatile.Read(ref _avoidedUntil);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>It has answered.</summary>
    public void Succeeded()
    {
        if (_isUnreachable) _isUnreachable = false;
        _log.Succeeded();
    }

    /// <summary>A request failed at it.</summary>
    /// <param name="status">What the client is answered; 0 where the request goes to another upstream.</param>
    public void Failed(UpstreamException failure, int status)
    {
        Avoid(failure);
        _log.Failed(failure.Message, status);
    }

    /// <summary>A health check, or a try to connect, has ended.</summary>
    /// <param name="problem">What was wrong; null where nothing was.</param>
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
