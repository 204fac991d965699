using Rcomm.Proxy.Http1;

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

    public Upstream(UpstreamAddress address, ForwardingOptions options, UpstreamLog log)
    {
        Address = address;
        _log = log;
        Pool = new ConnectionPool(new UpstreamConnector(address, options), isNamed: address.UnixPath is null && !System.Net.IPAddress.TryParse(address.Host, out _));
    }

    public UpstreamAddress Address { get; }

    public ConnectionPool Pool { get; }

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
    }

    private void Avoid(UpstreamException failure)
    {
        if (failure.Failure == UpstreamFailure.NotConnected) _isUnreachable = true;
        Volatile.Write(ref _avoidedUntil, Environment.TickCount64 + (long)Recovery.TotalMilliseconds);
    }
}
