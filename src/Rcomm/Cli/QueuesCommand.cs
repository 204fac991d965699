using System.CommandLine;
using System.Text.Json;
using Rcomm.Listening.HostQueues;
using Rcomm.Queues;
using Spectre.Console;

namespace Rcomm.Cli;

/// <summary><c>rcomm queues</c>: every listening socket in this network namespace, of whatever program, the fullest first.</summary>
internal static class QueuesCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int WidthOfNoTerminal = 160;

    private static readonly Option<bool> Watch = new("--watch") { Description = "redraw until Ctrl-C, with peaks and drops since it began" };
    private static readonly Option<bool> Json = new("--json") { Description = "print JSON, for programs" };
    private static readonly Option<ushort?> Port = QueueOptions.Port("only the sockets on this TCP port");

    public static Command Create()
    {
        var command = new Command("queues", "Every listening socket on this host: depth, backlog, how full, drops") { Watch, Json, Port };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(Watch), parsed.GetValue(Json), parsed.GetValue(Port) ?? 0, stop));
        return command;
    }

    private static async Task<int> RunAsync(bool watch, bool json, ushort port, CancellationToken stop)
    {
        // A file or a pipe has no edge to wrap at.
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = WidthOfNoTerminal;
        if (watch) return await WatchAsync(port, json, stop);

        HostQueueList queues = HostQueueList.Read(port);
        if (json) WriteJson(queues, since: null);
        else Draw(AnsiConsole.Console, queues, since: null);
        return queues is { Queues: [], NotRead: [_, ..] } ? ExitCodes.Failed : ExitCodes.Fine;
    }

    private static async Task<int> WatchAsync(ushort port, bool json, CancellationToken stop)
    {
        var since = new SinceBegan();
        IAnsiConsole console = AnsiConsole.Console;
        bool inPlace = !json && console.Profile.Out.IsTerminal;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                HostQueueList queues = HostQueueList.Read(port);
                since.See(queues);
                if (json) WriteJson(queues, since);
                else
                {
                    if (inPlace) console.Clear(home: true);
                    Draw(console, queues, since);
                }
                await Task.Delay(Pause, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how a watch ends.
        }
        return ExitCodes.Fine;
    }

    private static void Draw(IAnsiConsole console, HostQueueList queues, SinceBegan? since)
    {
        console.Write(QueueTable.Heading(queues, since));
        if (queues.Queues.Count > 0) console.Write(QueueTable.Of(queues, since, console.Profile.Width));
        foreach (string sentence in queues.NotRead) console.MarkupLineInterpolated($"[grey]Not read: {sentence}[/]");
    }

    private static void WriteJson(HostQueueList queues, SinceBegan? since) =>
        Console.WriteLine(JsonSerializer.Serialize(QueuesDocument.Of(queues, since), QueuesJson.Default.QueuesDocument));
}
