using System.CommandLine;
using Rcomm.HostQueues;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Sizing;
using Rcomm.Queues;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Cli;

/// <summary>
/// <c>rcomm backlog N</c>: changes the backlog of a running rcomm through its control socket, or of any running program through its socket.
/// </summary>
internal static class BacklogCommand
{
    private static readonly Argument<string> Size =
        new("N") { Description = "a whole number from 0, max (the kernel's cap), or auto (rcomm servers only)" };
    private static readonly Option<ushort?> Port = QueueOptions.Port("resize the sockets on this TCP port, whichever program owns them");
    private static readonly Option<int?> Pid = QueueOptions.Pid("resize the sockets of this process, even in a container");
    private static readonly Option<ListenAddress?> Address = QueueOptions.Address("--address", "resize the socket at this address, e.g. 127.0.0.1:5432");
    private static readonly Option<string?> UnixPath = QueueOptions.UnixPath("resize this Unix socket; @name for an abstract one");
    private static readonly Option<bool> Force = new("--force") { Description = "allow a backlog below the number of waiting connections" };

    public static Command Create()
    {
        var command = new Command("backlog", "Change the backlog of a running server, rcomm or any other")
        {
            Size, Port, Pid, Address, UnixPath, Force,
        };
        RunningServer.AddOptions(command);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string text = parsed.GetValue(Size)!;
        Backlog backlog;
        try
        {
            backlog = SettingParsers.Backlog(text);
        }
        catch (FormatException e)
        {
            return Fail($"{text}: {e.Message}.", ExitCodes.WrongConfiguration);
        }

        var target = new QueueTarget(parsed.GetValue(Port), parsed.GetValue(Pid), parsed.GetValue(Address), parsed.GetValue(UnixPath));
        if (target.IsEmpty) return ControlCommands.ChangeBacklog(parsed, backlog.ToString());
        if (parsed.GetValue(RunningServer.PathOption) is not null)
            return Fail($"{ListeningGroup.Control.Flag} names an rcomm server; --port, --pid, --address and --unix name any program's sockets. " +
                "Use one or the other.", ExitCodes.WrongConfiguration);
        if (backlog.IsAuto)
            return Fail("auto works only for rcomm servers, which watch their own queue. For other programs: rcomm watch --grow.",
                ExitCodes.WrongConfiguration);
        return Resize(target, backlog, parsed.GetValue(Force));
    }

    private static int Resize(QueueTarget target, Backlog backlog, bool force)
    {
        HostQueueList found = target.Read();
        if (found.Queues.Count == 0 && target.FindElsewhere() is [var elsewhere, ..])
            return Fail($"Nothing listens on {target} in this network namespace. {QueueName.Of(elsewhere)} does in another: " +
                $"add --pid {elsewhere.Owners[0].Id}.", ExitCodes.Failed);
        if (found.Queues.Count == 0)
            return Fail($"Nothing listens on {target}. `rcomm queues` lists all listening sockets." +
                string.Concat(found.NotRead.Select(sentence => $"\nNot read: {sentence}")), ExitCodes.Failed);

        bool changedAll = true;
        HashSet<string> permanent = [];
        foreach (HostQueue queue in found.Queues)
        {
            QueueResize.Outcome outcome = QueueResize.Apply(queue, backlog, force);
            changedAll &= outcome.Backlog is not null;
            (outcome.Backlog is null ? Console.Error : Console.Out).WriteLine(outcome.Sentence);
            if (outcome.Backlog is { } now) permanent.Add($"To make it permanent: {QueueAdvice.Permanent(queue, now)}.");
        }
        foreach (string sentence in permanent) Console.WriteLine(sentence);
        return changedAll ? ExitCodes.Fine : ExitCodes.Failed;
    }

    private static int Fail(string sentence, int exitCode)
    {
        Console.Error.WriteLine($"rcomm: {sentence}");
        return exitCode;
    }
}
