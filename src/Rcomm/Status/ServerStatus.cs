using Rcomm.Listening.Accepting;
using Rcomm.Listening.Monitoring;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Status;

/// <summary>The server's state, for its admin pages and its control socket. The server connects it to its parts.</summary>
internal sealed class ServerStatus(ListenQueues queues, SettingSources settings)
{
    private readonly SettingSources _atStart = settings;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly Lock _rateLock = new();
    private (long Answered, long At) _before = (0, Environment.TickCount64);
    private double _perSecond;

    public required string Version { get; init; }

    public required RequestMetrics Requests { get; init; }

    /// <summary>Whether the server drains.</summary>
    public required Func<bool> IsDraining { get; init; }

    /// <summary>The proxy's routes and their upstreams; empty if nothing is forwarded.</summary>
    public required Func<IReadOnlyList<RouteStatus>> Routes { get; init; }

    /// <summary>The certificates in use; empty for plain HTTP.</summary>
    public required Func<IReadOnlyList<CertificateStatus>> Certificates { get; init; }

    public required Func<FastPathStatus> FastPath { get; init; }

    public required int? MaxConnections { get; init; }

    /// <summary>The settings as last read.</summary>
    public SettingSources Settings { get; set; } = settings;

    /// <summary>Changed settings that need a restart.</summary>
    public IReadOnlyList<Setting> NeedRestart { get; set; } = [];

    public IReadOnlyList<QueueMonitor> Queues => queues.All;

    /// <summary>Why the server should get no new requests; empty if it may.</summary>
    public IReadOnlyList<string> NotReady
    {
        get
        {
            List<string> reasons = IsDraining() ? ["draining"] : [];
            reasons.AddRange(queues.All.Where(queue => !queue.IsReady).Select(queue => $"{queue.Name}: the listen queue is full or stalled"));
            reasons.AddRange(Routes().Where(route => !route.IsReady).Select(route =>
                $"route {string.Concat(route.Hosts.Take(1))}{route.Path}: every upstream is down"));
            return reasons;
        }
    }

    /// <summary>Reads the current state.</summary>
    public StatusDocument Read()
    {
        IReadOnlyList<string> notReady = NotReady;
        bool couldAcceptAhead = AcceptMethods.CouldAcceptAhead(Settings.Read(ListeningGroup.Accept));
        List<QueueStatus> all = [.. queues.All.Select(queue => QueueStatus.Of(queue.Snapshot(), couldAcceptAhead))];
        var requests = new RequestStatus(Requests.Answered, Requests.InFlight, Math.Round(ReadRate(), 1), Requests.RefusedCount);
        return new(Version, Environment.ProcessId, _started, notReady.Count == 0, notReady,
            all, [.. AddressStatus.Of(all)], MaxConnections, requests, FastPath(), Routes(), Certificates(), [.. SettingCatalog.All.Select(SettingOf)]);
    }

    // Several callers may read concurrently; the rate is that of the last whole second.
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
        bool isPending = NeedRestart.Contains(setting);
        SettingValue inForce = isPending ? _atStart.Find(setting) : written;
        return new(setting.Name, setting.Shown(inForce.Text), inForce.Where ?? SettingStatus.Default, isPending ? setting.Shown(written.Text) : null);
    }
}
