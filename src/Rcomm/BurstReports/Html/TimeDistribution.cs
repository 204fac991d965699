using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>The distribution of the connections' times, in bins of equal width on a logarithmic axis.</summary>
/// <param name="Name">The time that is shown.</param>
/// <param name="Bins">The bins with connections, from short to long.</param>
internal sealed record TimeDistribution(string Name, IReadOnlyList<TimeBin> Bins)
{
    // 24 per decade: the retries at 1 s, 2 s, ... 7 s are visible separately, and a phone has two pixels for each.
    private const int BinsPerDecade = 24;
    private const double MinMs = 0.01;

    public static IReadOnlyList<TimeDistribution> Of(BurstResult burst)
    {
        IEnumerable<TimeDistribution> all =
        [
            Of("Time to connect", burst, record => record.ConnectedUs, record => record.SynRetransmits > 0),
            Of("TLS handshake alone", burst, record => record.MeantUs + (record.Tls?.SecuredUs - record.ConnectedUs), _ => false),
            Of("Time to the first byte of the answer", burst, record => record.FirstByteUs, record => record.Retransmits > 0),
        ];
        return [.. all.Where(distribution => distribution.Bins.Count > 0)];
    }

    private static TimeDistribution Of(string name, BurstResult burst, Func<ConnectionRecord, long?> instant, Func<ConnectionRecord, bool> retried) =>
        new(name,
    [
        .. burst.Connections.Where(record => instant(record) is not null)
            .GroupBy(record => BinOf((instant(record)!.Value - record.MeantUs) / 1000.0))
            .OrderBy(bin => bin.Key)
            .Select(bin => new TimeBin(StartMs(bin.Key), StartMs(bin.Key + 1), bin.Count(), bin.Count(retried))),
    ]);

    private static int BinOf(double ms) => (int)Math.Floor(Math.Log10(Math.Max(ms, MinMs)) * BinsPerDecade);

    private static double StartMs(int bin) => Math.Pow(10, (double)bin / BinsPerDecade);
}

/// <summary>One bar of the chart.</summary>
/// <param name="FromMs">The shortest time in this bin.</param>
/// <param name="ToMs">The shortest time in the next bin.</param>
/// <param name="Count">The number of connections.</param>
/// <param name="Retried">The number of them that retransmitted a lost packet.</param>
internal sealed record TimeBin(double FromMs, double ToMs, int Count, int Retried);
