using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>
/// Connections that retransmitted their SYN equally often, and those that retransmitted their request because the full queue dropped the end of their
/// handshake. A connection can be in both.
/// </summary>
/// <param name="What">What they retransmitted, and how often.</param>
/// <param name="Count">The number of connections.</param>
/// <param name="Took">How long half of them waited at most, as text; "-" if none was answered.</param>
internal sealed record RetryStep(string What, int Count, string Took)
{
    public static IReadOnlyList<RetryStep> Of(BurstResult burst)
    {
        List<RetryStep> steps =
        [
            .. burst.Connections.Where(record => record.SynRetransmits > 0).GroupBy(record => record.SynRetransmits).OrderBy(step => step.Key)
                .Select(step => new RetryStep($"SYN, {Times(step.Key)}", step.Count(), Median(step, record => record.ConnectedUs))),
        ];
        List<ConnectionRecord> later = [.. burst.Connections.Where(record => record.Retransmits > record.SynRetransmits)];
        if (later.Count > 0) steps.Add(new("request", later.Count, Median(later, record => record.FirstByteUs)));
        return steps;
    }

    private static string Times(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");

    private static string Median(IEnumerable<ConnectionRecord> records, Func<ConnectionRecord, long?> instant)
    {
        List<double> took =
            [.. records.Where(record => instant(record) is not null).Select(record => (instant(record)!.Value - record.MeantUs) / 1000.0).Order()];
        return took.Count == 0 ? "-" : HumanFormat.Time(took[took.Count / 2]);
    }
}
