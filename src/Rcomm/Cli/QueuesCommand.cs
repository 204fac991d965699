using System.CommandLine;
using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;
using Rcomm.Queues;

namespace Rcomm.Cli;

/// <summary><c>rcomm queues</c>: shows every listening socket on this host, of any program.</summary>
internal static class QueuesCommand
{
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(500);

    private static readonly Option<bool> Watch = new("--watch") { Description = "refresh until Ctrl-C or q; peaks and drops count from its start" };
    private static readonly Option<bool> Json = new("--json") { Description = "print JSON, for programs" };
    private static readonly Option<ushort?> Port = QueueOptions.Port("show only the sockets on this TCP port");
    private static readonly Option<string?> Process =
        new("--process") { Description = "show only the sockets of processes with this name, e.g. nginx", HelpName = "NAME" };
    private static readonly Option<bool> Tcp = new("--tcp") { Description = "show only TCP sockets, no Unix sockets" };
    private static readonly Option<bool> AllNamespaces =
        new("--all-namespaces") { Description = "also show those of every container (needs CAP_SYS_ADMIN and CAP_SYS_PTRACE)" };
    private static readonly Option<QueueOrder> Sort = QueueOptions.Sort();
    private static readonly Option<TimeSpan?> Interval =
        QueueOptions.Interval("how often --watch refreshes, e.g. 100ms; without --watch, count drops for this time");
    private static readonly Option<bool> FailOnDrops =
        new("--fail-on-drops") { Description = "exit with 1 if a full queue dropped a handshake; --watch ends at the first drop" };
    private static readonly Option<bool> Explain = new("--explain") { Description = "show how to raise each queue that is nearly full or has drops" };

    public static Command Create()
    {
        var command = new Command("queues", "Show every listening socket on this host: depth, backlog, drops")
        {
            Watch, Json, Port, Process, Tcp, AllNamespaces, Sort, Interval, FailOnDrops, Explain,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var selection = new QueueSelection(
            parsed.GetValue(Port) ?? 0, parsed.GetValue(AllNamespaces), parsed.GetValue(Tcp), parsed.GetValue(Process), parsed.GetValue(Sort));
        var view = new QueuesView(selection, parsed.GetValue(Json), parsed.GetValue(Explain));
        bool failOnDrops = parsed.GetValue(FailOnDrops);
        if (parsed.GetValue(Watch))
            return await view.WatchAsync(parsed.GetValue(Interval) ?? RedrawInterval, queues => failOnDrops && HaveTurnedAway(queues), stop)
                ? ExitCodes.Failed
                : ExitCodes.Fine;

        HostQueueList queues = parsed.GetValue(Interval) is { } interval ? await view.ShowIntervalAsync(interval, stop) : view.ShowOnce();
        if (queues.Queues.Count == 0 && !selection.IsEverything)
        {
            Console.Error.WriteLine($"rcomm: There is no listening socket{selection}. `rcomm queues` lists all of them.");
            foreach (string sentence in queues.NotRead) Console.Error.WriteLine($"Not read: {sentence}");
            return ExitCodes.Failed;
        }
        return queues is { Queues: [], NotRead: [_, ..] } || failOnDrops && HaveTurnedAway(queues) ? ExitCodes.Failed : ExitCodes.Fine;
    }

    private static bool HaveTurnedAway(HostQueueList queues) => TurnedAway.Divide(queues).Values.Any(queue => queue.Count > 0);
}
