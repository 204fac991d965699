namespace Rcomm.Burst.Results;

/// <summary>What was asked for, as the result repeats it.</summary>
/// <param name="Url">The target as it was written.</param>
/// <param name="Address">The address it stands for.</param>
/// <param name="Connections">Connections in each round.</param>
/// <param name="Rounds">Rounds, one after the other.</param>
/// <param name="Schedule"><c>atOnce</c>, <c>ramp</c>, <c>rate</c>, <c>steps</c> or <c>train</c>.</param>
/// <param name="TimeoutMs">How long each connection had, from its opening.</param>
/// <param name="HoldMs">How long each was kept open after its answer.</param>
/// <param name="ConnectOnly">True when no request was sent.</param>
/// <param name="Sources">Source addresses the connections were spread over; 0 when the system chose.</param>
/// <param name="Threads">Threads that opened and watched them.</param>
public sealed record BurstParameters(
    string Url, string Address, int Connections, int Rounds, string Schedule, double TimeoutMs, double HoldMs, bool ConnectOnly, int Sources, int Threads)
{
    /// <summary>The time over which a ramp opens its connections; null for other schedules.</summary>
    public double? RampMs { get; init; }

    /// <summary>Connections opened each second; null for other schedules than a rate.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>The rates of steps; null for other schedules.</summary>
    public IReadOnlyList<double>? StepRates { get; init; }

    /// <summary>How many bursts a train has; null for other schedules.</summary>
    public int? TrainBursts { get; init; }

    /// <summary>How long a step lasts, or the time from one burst of a train to the next; null for other schedules.</summary>
    public double? IntervalMs { get; init; }

    /// <summary><c>http/1.1</c>, <c>h2</c> or <c>websocket</c>.</summary>
    public string Protocol { get; init; } = "http/1.1";

    /// <summary>True where the connections spoke TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>True where TLS sessions were to be resumed.</summary>
    public bool Resume { get; init; }

    /// <summary>The method of the request.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>The statuses that counted as answered.</summary>
    public string? Expected { get; init; }

    /// <summary>The instant asked for; null where the run began at once.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>How many runs were added up; 1 for one that was measured.</summary>
    public int Generators { get; init; } = 1;

    internal static BurstParameters Of(BurstPlan plan, int sources)
    {
        BurstSchedule schedule = plan.Schedule;
        return new(
            plan.Target.Url, plan.Target.Address, plan.Connections, plan.Rounds, NameOf(schedule),
            plan.Timeout.TotalMilliseconds, plan.Hold.TotalMilliseconds, plan.ConnectOnly, sources, plan.Threads)
        {
            RampMs = schedule.Time?.TotalMilliseconds,
            RatePerSecond = schedule.PerSecond,
            StepRates = schedule.StepRates,
            TrainBursts = schedule.TrainBursts,
            IntervalMs = schedule.Interval > TimeSpan.Zero ? schedule.Interval.TotalMilliseconds : null,
            Protocol = plan.Target.IsWebSocket ? "websocket" : plan.Http2 ? "h2" : "http/1.1",
            Tls = plan.Target.IsTls,
            Resume = plan.Tls.Resume,
            Method = plan.Request.Method,
            Expected = plan.Request.Expected == StatusRanges.BelowFourHundred ? null : plan.Request.Expected.ToString(),
            StartAt = plan.StartAt,
        };
    }

    private static string NameOf(BurstSchedule schedule) =>
        schedule.Time is not null ? "ramp"
        : schedule.PerSecond is not null ? "rate"
        : schedule.StepRates is not null ? "steps"
        : schedule.TrainBursts is not null ? "train"
        : "atOnce";
}
