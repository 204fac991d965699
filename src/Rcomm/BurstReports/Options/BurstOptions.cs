using System.CommandLine;
using System.CommandLine.Parsing;
using Rcomm.Burst;
using Rcomm.BurstReports.Limit;
using Rcomm.Settings;
using static Rcomm.BurstReports.Options.OptionValue;

namespace Rcomm.BurstReports.Options;

/// <summary>The options of <c>rcomm burst</c>, and the plan made from them.</summary>
internal sealed class BurstOptions
{
    private readonly Argument<string?> _url = new("URL")
    {
        Description = "http://HOST:PORT/PATH, :PORT (on 127.0.0.1), https://..., ws://..., wss://..., unix:/PATH or unix:@NAME",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly LoadOptions _load = new();
    private readonly RequestOptions _request = new();
    private readonly TlsOptions _tls = new();
    private readonly Option<bool> _findLimit = Switch("--find-limit", "find the largest burst without a dropped connection");
    private readonly Option<string?> _slo =
        Of("--slo", "PERCENTILE=TIME", "with --find-limit: also limit the time to the first byte, e.g. p99.9=250ms");
    private readonly Option<string?> _allow = Of("--allow", "SHARE", "exit with 0 even if this share wasn't answered, e.g. 0.1%");
    private readonly Option<bool> _ownHost = Switch("--i-own-this-host", "allow a target with a public address");
    private readonly Option<bool> _json = Switch("--json", "print only the result, as JSON, on standard output");
    private readonly Option<string?> _html = Of("--html", "FILE", "also write the report as a self-contained page with plots");
    private readonly Option<string[]?> _compare = new("--compare")
    {
        Description = "open nothing; compare two results from --json", HelpName = "A.json B.json",
        Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]?> _merge = new("--merge")
    {
        Description = "open nothing; add up results from --json of several machines", HelpName = "A.json B.json ...",
        Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_url);
        foreach (Option option in (Option[])[.. _load.All, .. _request.All, .. _tls.All, _findLimit, _slo, _allow, _ownHost, _json, _html, _compare, _merge])
            command.Options.Add(option);
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Returns the file for the page; null if none is requested.</summary>
    public string? Html(ParseResult parsed) => parsed.GetValue(_html);

    /// <summary>Returns the two results to compare; null for a burst.</summary>
    /// <exception cref="ConfigurationException">Both a comparison and a burst are requested.</exception>
    public (string First, string Second)? Compare(ParseResult parsed)
    {
        if (parsed.GetValue(_compare) is not [var first, var second]) return null;
        RefuseOthers(parsed, _compare, []);
        return (first, second);
    }

    /// <summary>Returns the results to merge; null for a burst.</summary>
    /// <exception cref="ConfigurationException">A burst is requested at the same time.</exception>
    public IReadOnlyList<string>? Merge(ParseResult parsed)
    {
        if (parsed.GetValue(_merge) is not { Length: > 0 } files) return null;
        RefuseOthers(parsed, _merge, [_json, _html, _allow]);
        return files;
    }

    /// <summary>Returns the goal of a search for the limit; null if none is requested.</summary>
    /// <exception cref="ConfigurationException">An option can't be combined with a search.</exception>
    public LimitGoal? FindLimit(ParseResult parsed)
    {
        ServiceLevel? slo = parsed.Read<ServiceLevel?>(_slo, ServiceLevel.Parse, null);
        if (!parsed.GetValue(_findLimit))
            return slo is null ? null : throw new ConfigurationException($"{_slo.Name} needs {_findLimit.Name}; add it");
        Option? other = _load.ScheduleGiven(parsed) ?? new Option[] { _html, _allow }.FirstOrDefault(parsed.IsGiven);
        if (other is not null) throw new ConfigurationException($"{_findLimit.Name} chooses its own bursts, all at once; leave out {other.Name}");
        return new(_load.Connections(parsed) ?? LimitStart, slo);
    }

    /// <summary>Returns the share of connections that may go unanswered, from 0 to 1.</summary>
    /// <exception cref="ConfigurationException">The value isn't a share.</exception>
    public double Allowed(ParseResult parsed) => parsed.Read(_allow, Share, 0);

    /// <exception cref="ConfigurationException">An option's value isn't valid.</exception>
    /// <exception cref="BurstException">The plan is out of range, or the name doesn't resolve.</exception>
    public async Task<BurstPlan> PlanAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string url = parsed.GetValue(_url) ?? throw new ConfigurationException(
            "The URL is missing. Write rcomm burst http://127.0.0.1:7878/, or --compare or --merge with files that --json wrote.");
        BurstTarget target = await BurstTarget.ResolveAsync(url, cancellation);
        BurstPlan plan = _load.Apply(parsed,
            new BurstPlan { Target = target, Request = _request.Request(parsed), Http2 = _request.Http2(parsed), Tls = _tls.Tls(parsed, target) });
        if (!target.IsPrivate && !parsed.GetValue(_ownHost))
        {
            throw new ConfigurationException(
                $"{target.Address} is neither loopback nor a private address, and a burst against someone else's host is an attack. If the host is "
                    + $"yours, add {_ownHost.Name}.");
        }
        plan.Validate();
        return plan;
    }

    private const int LimitStart = 100;

    private void RefuseOthers(ParseResult parsed, Option option, Option[] allowed)
    {
        if (parsed.CommandResult.Children.OfType<OptionResult>()
            .FirstOrDefault(result => !result.Implicit && result.Option != option && !allowed.Contains(result.Option)) is { } other)
            throw new ConfigurationException($"{option.Name} opens no connections; leave out {other.Option.Name}");
        if (parsed.GetValue(_url) is { } url) throw new ConfigurationException($"{option.Name} takes files, not a URL; leave out {url}");
    }
}
