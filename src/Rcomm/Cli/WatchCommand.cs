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

    private static readonly Option<TimeSpan?> Interval = QueueOptions.Interval("how often each queue is read [1s]");
    private static readonly Option<bool> AllNamespaces = new("--all-namespaces") { Description = "also watch the queues of every container " +
        "(needs CAP_SYS_ADMIN, CAP_SYS_PTRACE and the host's PID namespace)" };
    private static readonly Option<bool> Grow =
        new("--grow") { Description = "raise the backlog of queues that fill, doubling it up to the kernel's cap; never shrinks a queue" };
    private static readonly Option<int?> GrowTo = new("--grow-to")
    {
        Description = "like --grow, but never above N",
        HelpName = "N",
        CustomParser = parsed =>
        {
            if (int.TryParse(parsed.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int backlog) && backlog > 0) return backlog;
            parsed.AddError($"--grow-to={parsed.Tokens[0].Value}: write a whole number from 1 to 2147483647");
            return null;
        },
    };
    private static readonly Option<IReadOnlyList<QueueFilter.Rule>> Only = Filter("--only", "watch only these queues: a port, a process name, or user:NAME");
    private static readonly Option<IReadOnlyList<QueueFilter.Rule>> Except = Filter("--except", "watch all queues except these");
    private static readonly Option<ListenAddress?> Admin =
        QueueOptions.Address("--admin", "serve / (a live page), /metrics, /queues.json and /healthz at this address");

    public static Command Create()
    {
        var command = new Command("watch", "Watch all listen queues on this machine; can grow those that fill")
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
