using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.FastPath;

/// <summary>
/// Applies Kestrel's own limits: how long a connection may be idle, and how slowly its client may read answers. Checked once a second.
/// </summary>
internal sealed class FastPathTimeouts(KestrelServerLimits limits)
{
    private const long Never = long.MaxValue;

    private readonly long _keepAlive = (long)limits.KeepAliveTimeout.TotalMilliseconds;
    private long _idleAt = Never;
    private long _slowAt = Never;

    public bool IsIdleTooLong => Environment.TickCount64 > Volatile.Read(ref _idleAt);

    public bool SendsTooSlowly => Environment.TickCount64 > Volatile.Read(ref _slowAt);

    public void BeginWait() => Volatile.Write(ref _idleAt, Environment.TickCount64 + _keepAlive);

    public void EndWait() => Volatile.Write(ref _idleAt, Never);

    public void BeginSend(int length)
    {
        if (limits.MinResponseDataRate is not { } rate) return;
        TimeSpan time = new MinSendRate(rate.BytesPerSecond, rate.GracePeriod).TimeFor(length);
        Volatile.Write(ref _slowAt, Environment.TickCount64 + (long)time.TotalMilliseconds);
    }

    public void EndSend() => Volatile.Write(ref _slowAt, Never);
}
