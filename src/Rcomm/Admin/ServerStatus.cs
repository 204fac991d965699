using Rcomm.Connections.Tls;
using Rcomm.Http;
using Rcomm.Listening.Monitoring;
using Rcomm.Proxy;
using Rcomm.Settings;

namespace Rcomm.Admin;

/// <summary>What the admin pages tell of: the site's queues, its settings, its upstreams, and whether it drains.</summary>
internal sealed class ServerStatus(ListenQueues queues, SettingSources settings, ConnectionDrain drain)
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly Lock _rateLock = new();
    private (long Answered, long At) _before = (0, Environment.TickCount64);
    private double _perSecond;

    public required string Version { get; init; }

    public required RequestMetrics Requests { get; init; }

    /// <summary>Null where nothing is forwarded.</summary>
    public required ReverseProxy? Proxy { get; init; }

    /// <summary>Null for plain HTTP.</summary>
    public required CertificateStore? Certificates { get; init; }

    public required int? MaxConnections { get; init; }

    /// <summary>The settings as they were last read.</summary>
    public SettingSources Settings { get; set; } = settings;

    public IReadOnlyList<QueueMonitor> Queues => queues.All;

    /// <summary>Why no new work should be sent here; nothing where it may.</summary>
    public IReadOnlyList<string> NotReady
    {
        get
        {
            List<string> reasons = drain.HasBegun ? ["draining"] : [];
            reasons.AddRange(queues.All.Where(queue => !queue.IsReady).Select(queue => $"{queue.Name}: the listen queue is full or stalled"));
            reasons.AddRange(Routes.Where(route => !route.IsReady).Select(route => $"route {string.Concat(route.Hosts.Take(1))}{route.Path}: every upstream is down"));
            return reasons;
        }
    }

    /// <summary>Everything at this moment.</summary>
    public StatusDocument Read()
    {
        IReadOnlyList<string> notReady = NotReady;
        List<QueueStatus> all = [.. queues.All.Select(queue => QueueStatus.Of(queue.Snapshot()))];
        return new(Version, Environment.ProcessId, _started, notReady.Count == 0, notReady,
            all, [.. AddressStatus.Of(all)], MaxConnections, new(Requests.Answered, Requests.InFlight, Math.Round(ReadRate(), 1), Requests.RefusedCount),
            Routes, [.. (Certificates?.All ?? []).Select(one => new CertificateStatus(one.Name, one.NotAfter))], [.. SettingCatalog.All.Select(SettingOf)]);
    }

    private IReadOnlyList<RouteStatus> Routes => Proxy?.Status ?? [];

    // Several may read at once; the rate is that of the last whole second before.
    private double ReadRate()
    {
        lock (_rateLock)
        {
            long now = Environment.TickCount64, answered = Requests.Answered;
            if (now - _before.At < 900) return _perSecond;
            _perSecond = (answered - _before.Answered) * 1000.0 / (now - _before.At);
            _before = (answered, now);
            return _perSecond;
        }
    }

    private SettingStatus SettingOf(Setting setting)
    {
        SettingValue written = Settings.Find(setting);
        return new(setting.Name, setting.Shown(written.Text), written.Where ?? "default");
    }
}
