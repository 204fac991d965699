using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Rcomm.Control;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Status;

namespace Rcomm.Cli;

/// <summary>The commands for a running server: <c>status</c>, <c>drain</c>, <c>reload</c>.</summary>
internal static class ControlCommands
{
    private static readonly string Hint =
        $"Leave {ListeningGroup.Control.Flag} out if only one server runs. Control sockets are in {string.Join(" or ", ControlSockets.Folders)}.";
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<Command> Create()
    {
        var json = new Option<bool>("--json") { Description = "print JSON, for programs" };
        var status = new Command("status", "Show the queues and settings of a running server") { json };
        RunningServer.AddOptions(status);
        status.SetAction(parsed =>
            Send(RunningServer.PathIn(parsed, tells: false), ControlMessage.Of(ControlKind.Status),
                answer => PrintStatus(answer.Status!, parsed.GetValue(json))));
        yield return status;

        var wait = new Option<bool>("--wait") { Description = "return when the server has stopped" };
        var drain = new Command("drain", "Stop a running server without dropping connections (like SIGTERM)") { wait };
        RunningServer.AddOptions(drain);
        drain.SetAction(parsed =>
        {
            string path = RunningServer.PathIn(parsed, tells: true);
            int exitCode = Send(path, ControlMessage.Of(ControlKind.Drain), Print);
            return exitCode == ExitCodes.Fine && parsed.GetValue(wait) ? WaitForEnd(path) : exitCode;
        });
        yield return drain;

        var reload = new Command("reload", "Make a running server reload its settings (like SIGHUP)");
        RunningServer.AddOptions(reload);
        reload.SetAction(parsed => Send(RunningServer.PathIn(parsed, tells: true), ControlMessage.Of(ControlKind.Reload), Print));
        yield return reload;
    }

    /// <summary>Requests another backlog from the server at the control socket.</summary>
    public static int ChangeBacklog(ParseResult parsed, string backlog) =>
        Send(RunningServer.PathIn(parsed, tells: true), ControlMessage.Of(ControlKind.Backlog, backlog), Print);

    public static int Send(string path, ControlMessage message, Action<ControlMessage> print)
    {
        try
        {
            using ControlChannel channel = ControlChannel.Connect(path, ReplyTimeout);
            channel.Send(message);
            ControlMessage answer = channel.Receive();
            if (answer.Kind != ControlKind.Done) return Fail(answer.Text ?? "The server refused.", ExitCodes.Failed);
            print(answer);
            return ExitCodes.Fine;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return Fail($"{path}: {ControlChannel.NotForThisUser}", ExitCodes.Failed);
        }
        catch (SocketException e)
        {
            return Fail($"{path}: {Why(path, e)}. {Hint}", ExitCodes.Failed);
        }
        catch (IOException e)
        {
            return Fail($"{path}: {e.Message}.", ExitCodes.Failed);
        }
    }

    private static string Why(string path, SocketException failure) => failure.SocketErrorCode switch
    {
        _ when !Path.Exists(path) => "there is no such control socket",
        SocketError.ConnectionRefused => "no server answers there; the server that created it has ended, or it isn't a control socket",
        _ => $"it can't be reached ({failure.SocketErrorCode})",
    };

    // A server closes its control socket last, and limits the time of its own stop.
    private static int WaitForEnd(string path)
    {
        long began = Environment.TickCount64, lastSaid = began;
        try
        {
            while (true)
            {
                using ControlChannel channel = ControlChannel.Connect(path, ReplyTimeout);
                channel.Send(ControlMessage.Of(ControlKind.Status));
                if (channel.Receive().Status is { } status && Environment.TickCount64 - lastSaid > ProgressInterval.TotalMilliseconds)
                {
                    lastSaid = Environment.TickCount64;
                    long seconds = (lastSaid - began) / 1000;
                    Console.WriteLine($"Process {status.Process} is still draining after {seconds} s: {Count(status.Requests.InFlight)} requests in flight.");
                    if (seconds > LimitOf(status).TotalSeconds)
                        return Fail($"Process {status.Process} should have ended by now. Stop it at once: kill {status.Process}", ExitCodes.Failed);
                }
                Thread.Sleep(PollInterval);
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            Console.WriteLine("The server has stopped.");
            return ExitCodes.Fine;
        }
    }

    private static TimeSpan LimitOf(StatusDocument status) =>
        TimedStop.LimitOf(ValueOf(status, ShutdownGroup.DrainDelay), ValueOf(status, ShutdownGroup.ShutdownTimeout));

    private static TimeSpan ValueOf(StatusDocument status, Setting<TimeSpan> setting) =>
        setting.Read(status.Settings.FirstOrDefault(one => one.Name == setting.Name)?.Value ?? setting.Default);

    private static void Print(ControlMessage answer) => Console.WriteLine(answer.Text);

    private static void PrintStatus(StatusDocument status, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, StatusJson.Default.StatusDocument));
            return;
        }
        Console.WriteLine($"rcomm {status.Version}, process {status.Process}, since {status.Started:u}, " +
            $"{(status.Ready ? "ready" : "not ready: " + string.Join(", ", status.NotReady))}");
        foreach (AddressStatus shared in status.SharedAddresses)
            Console.WriteLine($"{shared.Address}, {shared.Shards} shards: {Count(shared.Depth)} of {shared.Backlog} waiting, " +
                $"{Count(shared.Drops)} dropped, {Count(shared.Accepts)} accepted");
        foreach (QueueStatus queue in status.Queues)
        {
            Console.WriteLine($"{queue.Name}: {Count(queue.Depth)} of {queue.Backlog} waiting, peak {Count(queue.Peak)}, " +
                $"{Count(queue.Drops)} dropped, {Count(queue.Accepts)} accepted");
            if (queue.Advice is not null) Console.WriteLine($"  {queue.Advice}");
        }
        foreach (SettingStatus setting in status.Settings.Where(setting => setting.From != SettingStatus.Default || setting.AfterRestart is not null))
        {
            string pending = setting.AfterRestart is { } value ? $"; {value} after a restart" : "";
            Console.WriteLine($"{setting.Name} = {setting.Value} (from {setting.From}{pending})");
        }
    }

    private static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "unknown";

    public static int Fail(string sentence, int exitCode)
    {
        Console.Error.WriteLine($"rcomm: {sentence}");
        return exitCode;
    }
}
