namespace Rcomm.Burst.Results;

/// <summary>The parameters of a run, repeated in its result.</summary>
/// <param name="Url">The target as it was written.</param>
/// <param name="Address">The resolved address.</param>
/// <param name="Connections">Connections in each round.</param>
/// <param name="Rounds">Rounds, one after the other.</param>
/// <param name="Schedule"><c>atOnce</c>, <c>ramp</c>, <c>rate</c>, <c>steps</c> or <c>train</c>.</param>
/// <param name="TimeoutMs">The timeout of each connection, from its opening.</param>
/// <param name="HoldMs">How long each stayed open after its response.</param>
/// <param name="ConnectOnly">True if no request was sent.</param>
/// <param name="Sources">The number of source addresses used; 0 if the system chose.</param>
/// <param name="Threads">Threads that opened and watched them.</param>
public sealed record BurstParameters(
    string Url, string Address, int Connections, int Rounds, string Schedule, double TimeoutMs, double HoldMs, bool ConnectOnly, int Sources, int Threads)
{
    /// <summary>Gets the time over which a ramp opens its connections; null for other schedules.</summary>
    public double? RampMs { get; init; }

    /// <summary>Gets the connections opened each second; null for schedules other than a rate.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Gets the rates of steps; null for other schedules.</summary>
    public IReadOnlyList<double>? StepRates { get; init; }

    /// <summary>Gets the number of bursts in a train; null for other schedules.</summary>
    public int? TrainBursts { get; init; }

    /// <summary>Gets how long a step lasts, or the time between bursts of a train; null for other schedules.</summary>
    public double? IntervalMs { get; init; }

    /// <summary>Gets the protocol: <c>http/1.1</c>, <c>h2</c> or <c>websocket</c>.</summary>
    public string Protocol { get; init; } = "http/1.1";

    /// <summary>Gets whether the connections used TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>Gets whether TLS sessions should be resumed.</summary>
    public bool Resume { get; init; }

    /// <summary>Gets the method of the request.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Gets the statuses that count as answered.</summary>
    public string? Expected { get; init; }

    /// <summary>Gets the requested start time; null if the run began immediately.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Gets how many runs were added up; 1 for a single measurement.</summary>
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
