using System.Diagnostics.Metrics;

namespace Rcomm.Transport.FastPath;

/// <summary>The meter <c>Rcomm.FastPath</c>. It counts connections and requests that Kestrel's own metrics don't include.</summary>
public static class FastPathMetrics
{
    /// <summary>The meter's name, for the configuration of an exporter.</summary>
    public const string MeterName = "Rcomm.FastPath";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Lock Lock = new();
    private static readonly List<FastPathLoop> Loops = [];
    // Totals of loops that have ended.
    private static long s_answered, s_handedOver;
    // Requests answered on Kestrel's connections.
    private static long s_onKestrels;

    static FastPathMetrics()
    {
        Meter.CreateObservableUpDownCounter("rcomm.fast_path.connections", () => Connections, "{connection}",
            "Connections on the fast path: idle ones, and those that have sent nothing yet.");
        Meter.CreateObservableCounter("rcomm.fast_path.requests", () => Answered, "{request}",
            "Requests answered on the fast path, including those over TLS.");
        Meter.CreateObservableCounter("rcomm.fast_path.handed_over", () => HandedOver, "{connection}",
            "Connections handed over to Kestrel because a request wasn't plain or its response wasn't ready.");
    }

    /// <summary>Gets the number of connections on the fast path.</summary>
    public static long Connections
    {
        get
        {
            lock (Lock) return Loops.Sum(loop => loop.Connections);
        }
    }

    /// <summary>Gets the number of requests answered on the fast path.</summary>
    public static long Answered
    {
        get
        {
            lock (Lock) return s_answered + Interlocked.Read(ref s_onKestrels) + Loops.Sum(loop => loop.Answered);
        }
    }

    /// <summary>Gets the number of connections handed over to Kestrel.</summary>
    public static long HandedOver
    {
        get
        {
            lock (Lock) return s_handedOver + Loops.Sum(loop => loop.HandedOver);
        }
    }

    /// <summary>Counts requests answered on one of Kestrel's connections.</summary>
    internal static void AnsweredOnKestrel(int count) => Interlocked.Add(ref s_onKestrels, count);

    internal static void Add(FastPathLoop loop)
    {
        lock (Lock) Loops.Add(loop);
    }

    internal static void Remove(FastPathLoop loop)
    {
        lock (Lock)
        {
            if (!Loops.Remove(loop)) return;
            s_answered += loop.Answered;
            s_handedOver += loop.HandedOver;
        }
    }
}
