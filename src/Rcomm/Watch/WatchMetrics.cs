using System.Diagnostics;
using System.Diagnostics.Metrics;
using Rcomm.Listening.Addresses;

namespace Rcomm.Watch;

/// <summary>The meter <c>Rcomm.Watch</c>: the queues of a whole machine, with a series for each socket.</summary>
internal sealed class WatchMetrics : IDisposable
{
    /// <summary>The meter's name, for the configuration of an exporter.</summary>
    public const string MeterName = "Rcomm.Watch";

    // OpenTelemetry's own limit is 2,000 series per metric.
    private const int MaxSeries = 1_500;

    // Short-lived sockets, e.g. those of tests, have no series unless they have drops.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(10);

    private readonly Meter _meter = new(MeterName);
    private readonly HostWatch _watch;

    public WatchMetrics(HostWatch watch)
    {
        _watch = watch;
        Gauge("rcomm.host.listen_queue.depth", "Connections that are waiting to be accepted.", state => state.Queue.Depth);
        Gauge("rcomm.host.listen_queue.peak", "The highest sampled depth in the last minute.", state => state.Peak);
        Gauge("rcomm.host.listen_queue.backlog", "The effective backlog.", state => state.Queue.Backlog);
        _meter.CreateObservableCounter("rcomm.host.listen_queue.overflows", () => Each(state => state.Overflows), "{attempt}",
            "Handshake attempts that a full listen queue dropped.");
        _meter.CreateObservableCounter("rcomm.host.listen_queue.drops", () => Each(state => state.Drops), "{segment}",
            "The socket's own drop counter, which counts full queues and other causes.");
        _meter.CreateObservableGauge("rcomm.host.listen_queues", () => _watch.Snapshot().Count, "{queue}",
            "Listen queues that are watched, with or without their own series.");
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<QueueState, int> value) =>
        _meter.CreateObservableGauge(name, () => Each(value), "{connection}", description);

    private IEnumerable<Measurement<T>> Each<T>(Func<QueueState, T> value) where T : struct => _watch.Snapshot()
        .Where(state => state.Age >= MinAge || state.Drops > 0)
        .OrderByDescending(state => state.Overflows).ThenByDescending(state => state.Age).Take(MaxSeries)
        .GroupBy(Name)
        .SelectMany(same => same.OrderBy(state => state.Queue.Inode)
            .Select((state, index) => new Measurement<T>(value(state), Tags(state, same.Count() > 1 ? index + 1 : null))));

    // Sockets on one address of one namespace are shards.
    private static (string, ulong?) Name(QueueState state) => (state.Queue.Address.ToString(), state.Queue.Namespace?.Inode);

    private static TagList Tags(QueueState state, int? shard)
    {
        ListenAddress address = state.Queue.Address;
        TagList tags = address.IsUnix
            ? new TagList { { "server.address", address.UnixPath } }
            : new TagList { { "server.address", address.Ip?.ToString() ?? "*" }, { "server.port", address.Port } };
        if (state.Queue.Owners is [var owner, ..]) tags.Add("process.executable.name", owner.Name);
        if (state.Container is { } container) tags.Add("rcomm.container", container);
        if (state.Queue.Namespace is { } other) tags.Add("rcomm.network_namespace", other.Inode.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (shard is { } number) tags.Add("rcomm.shard", number);
        return tags;
    }
}
