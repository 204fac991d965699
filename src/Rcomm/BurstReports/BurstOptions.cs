using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rcomm.Burst;
using Rcomm.Settings;

namespace Rcomm.BurstReports;

/// <summary>The flags of <c>rcomm burst</c>, and the plan they make.</summary>
internal sealed class BurstOptions
{
    private readonly Argument<string?> _url = new("URL") { Description = "http://HOST:PORT/PATH, unix:/PATH or unix:@NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _connections = Value("--connections", "NUMBER", "connections in each round [1000]");
    private readonly Option<bool> _atOnce = new("--at-once") { Description = "open them all in the same instant (the default)" };
    private readonly Option<string?> _ramp = Value("--ramp", "TIME", "spread them evenly over a time, like 200ms");
    private readonly Option<string?> _rate = Value("--rate", "NUMBER", "open so many each second, however the server does");
    private readonly Option<string?> _rounds = Value("--rounds", "NUMBER", "do it so often, one round after the other [1]");
    private readonly Option<string?> _timeout = Value("--timeout", "TIME", "how long each connection has until its answer is whole [10s]");
    private readonly Option<string?> _hold = Value("--hold", "TIME", "keep each connection open so long after its answer [0s]");
    private readonly Option<bool> _connectOnly = new("--connect-only") { Description = "send no request; a connection is done when its handshake has ended" };
    private readonly Option<string?> _sources = Value("--sources", "ADDRESSES", "connect from these in turns, like 127.0.0.2-127.0.0.65");
    private readonly Option<string?> _threads = Value("--threads", "NUMBER", "threads that open and watch the connections [the cores, at most 4]");
    private readonly Option<string?> _allow = Value("--allow", "SHARE", "exit 0 although this share was not answered, like 0.1%");
    private readonly Option<bool> _ownHost = new("--i-own-this-host") { Description = "allow a target that is neither loopback nor a private address" };
    private readonly Option<bool> _json = new("--json") { Description = "print the result as JSON, and nothing else, on standard output" };
    private readonly Option<string?> _html = Value("--html", "FILE", "also write the report as one page with plots");
    private readonly Option<string[]?> _compare = new("--compare")
    {
        Description = "open nothing; set two results of --json side by side", HelpName = "A.json B.json", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true,
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_url);
        foreach (Option option in (Option[])[_connections, _atOnce, _ramp, _rate, _rounds, _timeout, _hold, _connectOnly, _sources, _threads, _allow, _ownHost, _json, _html, _compare])
            command.Options.Add(option);
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The file for the page; null where none is wanted.</summary>
    public string? Html(ParseResult parsed) => parsed.GetValue(_html);

    /// <summary>The two results to compare; null for a burst.</summary>
    /// <exception cref="ConfigurationException">A comparison and a burst are asked for together.</exception>
    public (string First, string Second)? Compare(ParseResult parsed)
    {
        if (parsed.GetValue(_compare) is not [var first, var second]) return null;
        if (parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(result => !result.Implicit && result.Option != _compare) is { } other)
            throw new ConfigurationException($"{_compare.Name} opens no connections; leave out {other.Option.Name}");
        return parsed.GetValue(_url) is { } url ? throw new ConfigurationException($"{_compare.Name} takes two files and no URL; leave out {url}") : (first, second);
    }

    /// <summary>The share of connections that need no answer, from 0 to 1.</summary>
    /// <exception cref="ConfigurationException">It is no share.</exception>
    public double Allowed(ParseResult parsed) => Read(parsed, _allow, Share, 0);

    /// <exception cref="ConfigurationException">A flag's value is none.</exception>
    /// <exception cref="BurstException">The plan is out of its bounds, or the name does not resolve.</exception>
    public async Task<BurstPlan> PlanAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string url = parsed.GetValue(_url) ?? throw new ConfigurationException("whom to connect to? Write rcomm burst http://127.0.0.1:7878/, or --compare with two files of --json");
        var plan = new BurstPlan
        {
            Target = await BurstTarget.ResolveAsync(url, cancellation),
            Connections = Read(parsed, _connections, SettingParsers.Number(1, BurstPlan.MostConnections), 1000),
            Schedule = Schedule(parsed),
            Rounds = Read(parsed, _rounds, SettingParsers.Number(1, BurstPlan.MostRounds), 1),
            Timeout = Read(parsed, _timeout, SettingParsers.Time, TimeSpan.FromSeconds(10)),
            Hold = Read(parsed, _hold, SettingParsers.Time, TimeSpan.Zero),
            ConnectOnly = parsed.GetValue(_connectOnly),
            Sources = parsed.GetValue(_sources) is { } sources ? SourceAddresses.Parse(sources) : SourceAddresses.Default,
            Threads = Read(parsed, _threads, SettingParsers.Number(1, Environment.ProcessorCount), Math.Min(BurstPlan.UsualThreads, Environment.ProcessorCount)),
        };
        if (!plan.Target.IsPrivate && !parsed.GetValue(_ownHost))
        {
            throw new ConfigurationException(
                $"{plan.Target.Address} is neither loopback nor a private address, and a burst against a host of somebody else is an attack. If it is yours, add {_ownHost.Name}.");
        }
        plan.Validate();
        return plan;
    }

    private BurstSchedule Schedule(ParseResult parsed)
    {
        List<Option> given = [.. new Option[] { _atOnce, _ramp, _rate }.Where(option => parsed.GetResult(option) is { Implicit: false })];
        if (given.Count > 1) throw new ConfigurationException($"{given[0].Name} and {given[1].Name} exclude each other; give one of them");

        return parsed.GetValue(_ramp) is not null ? BurstSchedule.Ramp(Read(parsed, _ramp, SettingParsers.Time, default))
            : parsed.GetValue(_rate) is not null ? BurstSchedule.Rate(Read(parsed, _rate, PerSecond, 0))
            : BurstSchedule.AtOnce;
    }

    private static T Read<T>(ParseResult parsed, Option<string?> option, Reader<T> reader, T otherwise)
    {
        if (parsed.GetValue(option) is not { } text) return otherwise;
        try
        {
            return reader(text);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{option.Name} {text}: {e.Message}");
        }
    }

    private static double PerSecond(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double rate)
            ? rate
            : throw new FormatException("write a number of connections each second, like 20000");

    private static double Share(string text) =>
        text is [.. var number, '%'] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent <= 100
            ? percent / 100
            : throw new FormatException("write a share of the connections in percent, like 0.1%");

    private static Option<string?> Value(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
