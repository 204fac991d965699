using System.CommandLine;
using Rcomm.Burst;
using Rcomm.Settings;
using static Rcomm.BurstReports.Options.OptionValue;

namespace Rcomm.BurstReports.Options;

/// <summary>The options for how many connections are opened, and when.</summary>
internal sealed class LoadOptions
{
    private readonly Option<string?> _connections = Of("--connections", "NUMBER", "connections in each round [1000]", "-c", "-n");
    private readonly Option<bool> _atOnce = Switch("--at-once", "open them all at the same instant (the default)");
    private readonly Option<string?> _ramp = Of("--ramp", "TIME", "spread them evenly over this time, e.g. 200ms");
    private readonly Option<string?> _rate = Of("--rate", "NUMBER", "open this many each second, whatever the server does");
    private readonly Option<string?> _steps =
        Of("--steps", "RATES[/TIME]", "one rate after the other, e.g. 1000,2000,4000/5s; reports the first rate with dropped connections");
    private readonly Option<string?> _train = Of("--train", "NxSIZE/TIME", "several bursts, e.g. 10x3000/200ms: 10 of 3,000, one every 200 ms");
    private readonly Option<string?> _at = Of("--at", "TIME", "start at this instant, e.g. 2026-01-31T12:00:00Z, 12:00:00 (UTC) or +30s");
    private readonly Option<string?> _rounds = Of("--rounds", "NUMBER", "number of rounds, one after the other [1]");
    private readonly Option<string?> _timeout = Of("--timeout", "TIME", "maximum time for each connection, until its response is complete [10s]");
    private readonly Option<string?> _hold = Of("--hold", "TIME", "keep each connection open after its response [0s]");
    private readonly Option<string?> _ping = Of("--ping", "TIME", "time between two pings of a WebSocket during --hold [1s]");
    private readonly Option<bool> _connectOnly = Switch("--connect-only", "send no request; a connection is done when its handshake has ended");
    private readonly Option<string?> _sources = Of("--sources", "ADDRESSES", "connect from these addresses in turn, e.g. 127.0.0.2-127.0.0.65");
    private readonly Option<string?> _threads = Of("--threads", "NUMBER", "threads that open and follow the connections [number of cores, at most 4]");

    public IReadOnlyList<Option> All =>
        [_connections, _atOnce, _ramp, _rate, _steps, _train, _at, _rounds, _timeout, _hold, _ping, _connectOnly, _sources, _threads];

    /// <summary>Returns the given number; null for none.</summary>
    public int? Connections(ParseResult parsed) =>
        parsed.IsGiven(_connections) ? parsed.Read(_connections, SettingParsers.Number(1, BurstPlan.MaxConnections), 0) : null;

    /// <summary>Returns an option of the schedule that was given and can't be combined with a search for the limit.</summary>
    public Option? ScheduleGiven(ParseResult parsed) => new Option[] { _atOnce, _ramp, _rate, _steps, _train, _rounds, _at }.FirstOrDefault(parsed.IsGiven);

    /// <exception cref="ConfigurationException">An option's value isn't valid.</exception>
    /// <exception cref="BurstException">A value is out of range.</exception>
    public BurstPlan Apply(ParseResult parsed, BurstPlan plan)
    {
        BurstSchedule schedule = Schedule(parsed);
        if (schedule.Connections is { } own && Connections(parsed) is not null)
            throw new ConfigurationException($"{(schedule.TrainBursts is null ? _steps : _train).Name} opens {own} connections by itself; leave out "
                + $"{_connections.Name}");
        return plan with
        {
            Connections = schedule.Connections ?? Connections(parsed) ?? plan.Connections,
            Schedule = schedule,
            StartAt = parsed.Read<DateTimeOffset?>(_at, text => StartTime.Parse(text, DateTimeOffset.UtcNow), null),
            Rounds = parsed.Read(_rounds, SettingParsers.Number(1, BurstPlan.MaxRounds), plan.Rounds),
            Timeout = parsed.Read(_timeout, SettingParsers.Time, plan.Timeout),
            Hold = parsed.Read(_hold, SettingParsers.Time, plan.Hold),
            PingInterval = parsed.Read(_ping, SettingParsers.Time, plan.PingInterval),
            ConnectOnly = parsed.GetValue(_connectOnly),
            Sources = parsed.GetValue(_sources) is { } sources ? SourceAddresses.Parse(sources) : plan.Sources,
            Threads = parsed.Read(_threads, SettingParsers.Number(1, Environment.ProcessorCount), plan.Threads),
        };
    }

    private BurstSchedule Schedule(ParseResult parsed)
    {
        List<Option> given = [.. new Option[] { _atOnce, _ramp, _rate, _steps, _train }.Where(parsed.IsGiven)];
        if (given.Count > 1) throw new ConfigurationException($"{given[0].Name} and {given[1].Name} can't be combined; use one of them");

        return parsed.GetValue(_ramp) is not null ? BurstSchedule.Ramp(parsed.Read(_ramp, SettingParsers.Time, default))
            : parsed.GetValue(_rate) is not null ? BurstSchedule.Rate(parsed.Read(_rate, PositiveNumber, 0))
            : parsed.Read(_steps, Steps, null) ?? parsed.Read(_train, Train, null) ?? BurstSchedule.AtOnce;
    }

    private static BurstSchedule Steps(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2) throw new FormatException("write 1000,2000,4000 (each for 1 s) or 1000,2000,4000/5s");
        return BurstSchedule.Steps([.. parts[0].Split(',').Select(PositiveNumber)], parts.Length == 2 ? SettingParsers.Time(parts[1])
            : TimeSpan.FromSeconds(1));
    }

    private static BurstSchedule Train(string text)
    {
        string[] parts = text.Split('/'), numbers = parts[0].Split('x', 'X');
        if (parts.Length != 2 || numbers.Length != 2 || !int.TryParse(numbers[0], out int bursts) || !int.TryParse(numbers[1], out int size))
            throw new FormatException("write 10x3000/200ms: 10 bursts of 3,000, one every 200 ms");
        return BurstSchedule.Train(bursts, size, SettingParsers.Time(parts[1]));
    }
}
