using System.CommandLine;
using System.Globalization;
using Rcomm.Listening.Addresses;
using Rcomm.Server;
using Rcomm.Watch;

namespace Rcomm.Cli;

/// <summary><c>rcomm watch</c>: a daemon that monitors every listen queue of a machine.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    private static readonly Option<TimeSpan?> Interval = QueueOptions.Interval("how often each queue is looked at [1s]");
    private static readonly Option<bool> AllNamespaces = new("--all-namespaces") { Description = "also the queues of every container (takes " +
        "CAP_SYS_ADMIN, CAP_SYS_PTRACE and the host's PID namespace)" };
    private static readonly Option<bool> Grow =
        new("--grow") { Description = "raise the backlog of a queue that fills, doubling it up to the kernel's cap; never shrink one" };
    private static readonly Option<int?> GrowTo = new("--grow-to")
    {
        Description = "the same, but never above N",
        HelpName = "N",
        CustomParser = parsed =>
        {
            if (int.TryParse(parsed.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int backlog) && backlog > 0) return backlog;
            parsed.AddError($"--grow-to={parsed.Tokens[0].Value}: write a whole number from 1 to 2147483647");
            return null;
        },
    };
    private static readonly Option<IReadOnlyList<QueueFilter.Rule>> Only = Filter("--only", "watch only these: a port, the name of a process, or user:NAME");
    private static readonly Option<IReadOnlyList<QueueFilter.Rule>> Except = Filter("--except", "watch all but these");
    private static readonly Option<ListenAddress?> Admin = QueueOptions.Address("--admin", "serve a live page at /, /metrics, /queues.json and /healthz there");

    public static Command Create()
    {
        var command = new Command("watch", "Watch every listen queue of this machine: log, metrics, a live page; grow those that fill")
        {
            Interval, AllNamespaces, Grow, GrowTo, Only, Except, Admin,
        };
        command.SetAction((parsed, stop) => WatchRun.RunAsync(new WatchOptions(
            parsed.GetValue(Interval) ?? DefaultInterval,
            parsed.GetValue(AllNamespaces),
            new QueueFilter(parsed.GetValue(Only) ?? [], parsed.GetValue(Except) ?? []),
            parsed.GetValue(Grow) || parsed.GetValue(GrowTo) is not null,
            parsed.GetValue(GrowTo),
            parsed.GetValue(Admin)), stop));
        return command;
    }

    private static Option<IReadOnlyList<QueueFilter.Rule>> Filter(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "WHAT",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = parsed =>
        {
            try
            {
                return [.. parsed.Tokens.SelectMany(token => QueueFilter.Parse(token.Value))];
            }
            catch (FormatException e)
            {
                parsed.AddError($"{name}: {e.Message}");
                return [];
            }
        },
    };
}
