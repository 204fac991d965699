using System.CommandLine;
using Rcomm.Control;
using Rcomm.Status;

namespace Rcomm.Cli;

/// <summary><c>rcomm upgrade</c>: the running server starts the program that is now on disk, which takes over its listening sockets.</summary>
internal static class UpgradeCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var command = new Command("upgrade", "Upgrade a running server to the installed program, zero-downtime");
        RunningServer.AddOptions(command);
        command.SetAction(parsed =>
        {
            ControlMessage? started = null;
            string path = RunningServer.PathIn(parsed, tells: true);
            int exitCode = ControlCommands.Send(path, ControlMessage.Of(ControlKind.Upgrade), answer => started = answer);
            return started?.Process is { } process ? Follow(path, process) : exitCode;
        });
        return command;
    }

    // The control socket is handed over too: once the new process answers there, it is serving.
    private static int Follow(string path, int process)
    {
        long began = Environment.TickCount64;
        while (Environment.TickCount64 - began < Timeout.TotalMilliseconds)
        {
            // Null while neither process answers.
            StatusDocument? status = RunningServer.StatusAt(path, Timeout);
            if (status?.Process == process)
            {
                Console.WriteLine($"Process {process}, rcomm {status.Version}, has taken over.");
                return ExitCodes.Fine;
            }
            if (!IsRunning(process))
                return ControlCommands.Fail($"Process {process} ended before it took over; the running server continues. " +
                    "The server's log says why.", ExitCodes.Failed);
            Thread.Sleep(PollInterval);
        }
        return ControlCommands.Fail($"Process {process} hasn't taken over within {Timeout.TotalSeconds:0} s. The server's log says why.", ExitCodes.Failed);
    }

    // A process that has ended stays a zombie until the server that started it reaps it.
    private static bool IsRunning(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
