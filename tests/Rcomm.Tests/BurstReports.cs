using Rcomm.Burst.Results;
using Rcomm.BurstReports;

namespace Rcomm.Tests;

/// <summary>Reports built from the connections that a test defines.</summary>
internal static class BurstReports
{
    public static BurstReport Of(IEnumerable<ConnectionRecord> connections, TargetQueue? queue = null, string url = "http://127.0.0.1:7878/",
        bool interrupted = false)
    {
        List<ConnectionRecord> all = [.. connections];
        var parameters = new BurstParameters(url, "127.0.0.1:7878", all.Count, 1, "atOnce", 10_000, 0, false, 0, 2);
        return new(BurstReport.CurrentFormat, "0.0", new BurstHost("6.18", 2),
            new(DateTimeOffset.UnixEpoch, 12_000, interrupted, parameters, Summary.Of(all), all), queue);
    }

    /// <summary>A number of connections that were answered after the same time, with the same number of repeated SYNs.</summary>
    public static IEnumerable<ConnectionRecord> Answered(int count, double milliseconds, int retries = 0) =>
        Ended(count, ConnectionOutcome.Answered, (long)(milliseconds * 1000), retries);

    public static IEnumerable<ConnectionRecord> Ended(int count, ConnectionOutcome outcome, long? answeredUs = null, int retries = 0) =>
        Enumerable.Repeat(new ConnectionRecord(1, 0, 0, answeredUs, answeredUs, answeredUs ?? 10_000_000, retries, retries, outcome, null), count);

    public static TargetQueue Queue(int backlog, int peak, long drops) =>
        new("127.0.0.1:7878", "rcomm (pid 7)", 1, backlog, 0, peak, 0, drops, [new(0, 0, backlog, 0), new(1000, peak, backlog, drops)]);
}
