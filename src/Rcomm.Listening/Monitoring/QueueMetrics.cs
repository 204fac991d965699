using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// The meter <c>Rcomm.Listening</c>, named by OpenTelemetry's conventions. It reports a queue's numbers with the attributes <c>server.address</c> and
/// <c>server.port</c>, and <c>rcomm.shard</c> if shards share the address.
/// </summary>
public static class QueueMetrics
{
    /// <summary>The meter's name, for the configuration of an exporter.</summary>
    public const string MeterName = "Rcomm.Listening";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Lock Lock = new();
    private static readonly List<QueueMonitor> Monitors = [];
    private static readonly ConditionalWeakTable<QueueMonitor, StrongBox<TagList>> Tags = [];

    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("rcomm.accept.wait", "s",
        "How long a connection waited in the listen queue before it was accepted, measured by the kernel.",
        tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = WaitTimes.BoundsInSeconds });

    static QueueMetrics()
    {
        Gauge("rcomm.listen_queue.depth", "{connection}", "Connections that are waiting to be accepted.", queue => queue.Depth);
        Gauge("rcomm.listen_queue.peak", "{connection}", "The most connections that waited at once in the last minute.", queue => queue.PeakOfLastMinute);
        Gauge("rcomm.listen_queue.backlog", "{connection}", "The effective backlog, read back from the kernel.", queue => queue.Backlog);
        Gauge("rcomm.listen_queue.capacity", "{connection}",
            "How many connections may wait: the backlog, plus with io_uring those that the kernel may accept ahead.", queue => queue.Capacity);
        Gauge("rcomm.accept.stalled", "1", "1 while connections wait and none are accepted.", queue => queue.Stall is null ? 0 : 1);
        Counter("rcomm.listen_queue.drops", "{connection}", "Handshake attempts that the kernel dropped at this socket, " +
            "usually because the queue was full; a client retries after 1, 3 and 7 s.", queue => queue.Drops);
        Counter("rcomm.accepts", "{connection}", "Connections accepted.", queue => queue.Accepts);
        Counter("rcomm.accepts.turned_away", "{connection}", "Connections rejected because the connection limit was reached.", queue => queue.TurnedAway);
        Meter.CreateObservableCounter("rcomm.listen_queue.full_time",
            () => Each<double>((queue, tags) => new Measurement<double>(queue.FullSeconds, tags)), "s",
            "How long the listen queue was full, as sampled.");
        Meter.CreateObservableCounter("rcomm.accept.errors", () => Snapshots().SelectMany(ErrorsOf), "{error}",
            "Accepts that failed, by the name of the error.");
    }

    /// <summary>Reports the numbers of a queue until the registration is disposed.</summary>
    public static IDisposable Register(QueueMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        lock (Lock) Monitors.Add(monitor);
        return new Registration(monitor);
    }

    internal static void RecordWait(QueueMonitor monitor, double seconds)
    {
        if (Wait.Enabled) Wait.Record(seconds, in Tags.GetValue(monitor, static monitor => new(TagsOf(monitor))).Value);
    }

    private static void Gauge(string name, string unit, string description, Func<QueueSnapshot, int?> value) =>
        Meter.CreateObservableGauge(name, () => Each<int>((queue, tags) => value(queue) is { } number ? new Measurement<int>(number, tags) : null),
            unit, description);

    private static void Counter(string name, string unit, string description, Func<QueueSnapshot, long?> value) =>
        Meter.CreateObservableCounter(name,
            () => Each<long>((queue, tags) => value(queue) is { } number ? new Measurement<long>(number, tags) : null), unit, description);

    private static IEnumerable<Measurement<T>> Each<T>(Func<QueueSnapshot, TagList, Measurement<T>?> measure) where T : struct =>
        Snapshots().Select(pair => measure(pair.Queue, pair.Tags)).OfType<Measurement<T>>();

    private static IEnumerable<Measurement<long>> ErrorsOf((QueueSnapshot Queue, TagList Tags) pair) =>
        pair.Queue.AcceptErrors.Select(error => new Measurement<long>(error.Value, [.. pair.Tags, new("error.type", error.Key)]));

    private static IEnumerable<(QueueSnapshot Queue, TagList Tags)> Snapshots()
    {
        lock (Lock) return [.. Monitors.Select(monitor => (monitor.Snapshot(), TagsOf(monitor)))];
    }

    private static TagList TagsOf(QueueMonitor monitor)
    {
        ListenAddress address = monitor.Address;
        TagList tags = address.IsUnix
            ? new TagList { { "server.address", address.UnixPath } }
            : new TagList { { "server.address", address.Ip?.ToString() ?? "*" }, { "server.port", address.Port } };
        if (monitor.Shard is { } shard) tags.Add("rcomm.shard", shard.Number);
        return tags;
    }

    private sealed class Registration(QueueMonitor monitor) : IDisposable
    {
        public void Dispose()
        {
            lock (Lock) Monitors.Remove(monitor);
        }
    }
}
