namespace Rcomm.Burst.Results;

/// <summary>Merges the results of several generators on the clock of the first one that began.</summary>
public static class ResultMerge
{
    /// <summary>Adds the counts and merges the histograms: the result is exactly what one generator would have measured.</summary>
    /// <exception cref="FormatException">A histogram is missing or not valid.</exception>
    /// <exception cref="ArgumentException">There are no results.</exception>
    public static BurstResult Merge(IReadOnlyList<BurstResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Count == 0) throw new ArgumentException("There are no results to add up.", nameof(results));
        DateTimeOffset start = results.Min(result => result.StartedAt);
        return new(
            start,
            results.Max(result => Offset(result, start).TotalMilliseconds + result.DurationMs),
            results.Any(result => result.Interrupted),
            Parameters([.. results.Select(result => result.Parameters)]),
            Summary(results, start),
            [.. results.SelectMany(result => result.Connections.Select(record => Shifted(record, (long)Offset(result, start).TotalMicroseconds)))]);
    }

    /// <summary>Returns how much later than the first one this result began.</summary>
    public static TimeSpan Offset(BurstResult result, DateTimeOffset start)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.StartedAt - start;
    }

    private static BurstParameters Parameters(IReadOnlyList<BurstParameters> all) => all[0] with
    {
        Connections = all.Sum(one => one.Connections),
        Sources = all.Sum(one => one.Sources),
        Threads = all.Sum(one => one.Threads),
        Generators = all.Sum(one => one.Generators),
        RatePerSecond = all.All(one => one.RatePerSecond is not null) ? all.Sum(one => one.RatePerSecond) : null,
        StepRates = all.All(one => one.StepRates?.Count == all[0].StepRates?.Count) ? SumOfSteps(all) : null,
    };

    private static List<double>? SumOfSteps(IReadOnlyList<BurstParameters> all) =>
        all[0].StepRates is { } first ? [.. first.Select((_, step) => all.Sum(one => one.StepRates![step]))] : null;

    private static BurstSummary Summary(IReadOnlyList<BurstResult> results, DateTimeOffset start)
    {
        List<BurstSummary> all = [.. results.Select(result => result.Summary)];
        return new(
            all.Sum(one => one.Connections),
            [.. all.SelectMany(one => one.Outcomes).GroupBy(count => count.Outcome).OrderBy(group => group.Key)
                .Select(group => new OutcomeCount(group.Key, group.Sum(count => count.Count)))],
            all.Sum(one => one.Retried),
            all.Sum(one => one.WaitedForRetry),
            all.Sum(one => one.SynRetransmits),
            all.Sum(one => one.Retransmits),
            results.Max(result => Offset(result, start).TotalMilliseconds + result.Summary.OpeningMs),
            Latency.Merge(all.Select(one => one.OpenLag)),
            Latency.Merge(all.Select(one => one.Connect)),
            Latency.Merge(all.Select(one => one.FirstByte)),
            Latency.Merge(all.Select(one => one.End)))
        {
            Statuses = [.. all.SelectMany(one => one.Statuses).GroupBy(count => count.Status).OrderBy(group => group.Key)
                .Select(group => new StatusCount(group.Key, group.Sum(count => count.Count)))],
            Tls = TlsSummary.Merge([.. all.Select(one => one.Tls).OfType<TlsSummary>()]),
            WebSockets = WebSocketSummary.Merge([.. all.Select(one => one.WebSockets).OfType<WebSocketSummary>()]),
            Parts = PartSummary.Merge(all.SelectMany(one => one.Parts ?? [])),
            Generator = GeneratorLoad.Sum(all.Select(one => one.Generator).OfType<GeneratorLoad>()),
        };
    }

    private static ConnectionRecord Shifted(ConnectionRecord record, long us) => us == 0 ? record : record with
    {
        MeantUs = record.MeantUs + us,
        OpenedUs = record.OpenedUs + us,
        ConnectedUs = record.ConnectedUs + us,
        FirstByteUs = record.FirstByteUs + us,
        EndedUs = record.EndedUs + us,
        Tls = record.Tls is { } tls ? tls with { HelloUs = tls.HelloUs + us, SecuredUs = tls.SecuredUs + us } : null,
        WebSocket = record.WebSocket is { } socket ? socket with { ClosedUs = socket.ClosedUs + us } : null,
    };
}
