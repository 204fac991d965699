using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Kestrel;

/// <summary>Extension methods for a health check of the listen queues.</summary>
public static class ListenQueueHealth
{
    /// <summary>
    /// Adds a health check. It is <see cref="HealthStatus.Degraded"/> if a queue was nearly full in the last minute, and
    /// <see cref="HealthStatus.Unhealthy"/> if one dropped connections in the last ten seconds or isn't ready (<see cref="QueueMonitor.IsReady"/>).
    /// </summary>
    /// <param name="builder">The builder that <c>AddHealthChecks()</c> returns.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="nearlyFull">The share of the backlog at which a queue counts as nearly full, above 0 and up to 1.</param>
    /// <param name="tags">Tags for the check, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nearlyFull"/> isn't above 0 and up to 1.</exception>
    public static IHealthChecksBuilder AddListenQueue(this IHealthChecksBuilder builder, string name = "listen_queue", double nearlyFull = 0.75,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nearlyFull);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nearlyFull, 1);
        return builder.Add(new HealthCheckRegistration(name, services => new Check(services.GetRequiredService<ListenQueues>(), nearlyFull),
            failureStatus: null, tags));
    }

    private sealed class Check(ListenQueues queues, double nearlyFull) : IHealthCheck
    {
        private const int RecentSeconds = 10;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            HealthCheckResult worst = HealthCheckResult.Healthy();
            foreach (QueueMonitor queue in queues.All)
            {
                HealthCheckResult result = ResultOf(queue);
                if (result.Status < worst.Status) worst = result;
            }
            return Task.FromResult(worst);
        }

        private HealthCheckResult ResultOf(QueueMonitor queue)
        {
            IReadOnlyList<QueueSecond> seconds = queue.LastSeconds();
            long drops = seconds.TakeLast(RecentSeconds).Sum(second => second.Drops);
            if (drops > 0) return HealthCheckResult.Unhealthy($"{queue.Name}: {drops} connection attempts dropped in the last {RecentSeconds} s");
            if (!queue.IsReady) return HealthCheckResult.Unhealthy($"{queue.Name}: full for too long, or accepting has stalled");
            QueueSecond fullest = seconds.TakeLast(60).DefaultIfEmpty().MaxBy(second => second.Capacity == 0 ? 0 : (double)second.Peak / second.Capacity);
            return fullest.Capacity > 0 && fullest.Peak >= nearlyFull * fullest.Capacity
                ? HealthCheckResult.Degraded($"{queue.Name}: {fullest.Peak} of {fullest.Capacity} waited in the last minute")
                : HealthCheckResult.Healthy();
        }
    }
}
