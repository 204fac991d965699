using System.Reflection;
using Rcomm.Listening.Monitoring;
using Rcomm.Proxy;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Admin;

/// <summary>What the admin pages tell of: the site's queues, its settings, its upstreams, and whether it drains.</summary>
/// <param name="proxy">Null where nothing is forwarded.</param>
internal sealed class ServerStatus(ListenQueues queues, SettingSources settings, ConnectionDrain drain, ReverseProxy? proxy)
{
    private static readonly string Version =
        typeof(ServerStatus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;

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
            reasons.AddRange(Routes.Where(route => !route.IsReady).Select(route => $"route {route.Path}: every upstream is down"));
            return reasons;
        }
    }

    private IReadOnlyList<RouteStatus> Routes => proxy?.Status ?? [];

    /// <summary>Everything at this moment.</summary>
    public StatusDocument Read()
    {
        IReadOnlyList<string> notReady = NotReady;
        List<QueueStatus> all = [.. queues.All.Select(queue => QueueStatus.Of(queue.Snapshot()))];
        return new(Version, Environment.ProcessId, _started, notReady.Count == 0, notReady,
            all, [.. AddressStatus.Of(all)], Routes, [.. SettingCatalog.All.Select(SettingOf)]);
    }

    private SettingStatus SettingOf(Setting setting)
    {
        SettingValue written = Settings.Find(setting);
        return new(setting.Name, setting.Shown(written.Text), written.Where ?? "default");
    }
}
