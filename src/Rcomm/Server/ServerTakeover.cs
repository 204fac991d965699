using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Control;
using Rcomm.Listening.Handover;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>The new server's side of a takeover.</summary>
internal static class ServerTakeover
{
    private static readonly TimeSpan ReleaseLogDelay = TimeSpan.FromSeconds(10);

    /// <summary>Requests the running server's sockets. Returns null if no server answers at the control socket.</summary>
    /// <exception cref="IOException">It refused, or isn't an rcomm server; the message says why.</exception>
    public static HandoverClient? AskForSockets(string control)
    {
        string asked = $"{ListeningGroup.Control.Flag} {control}";
        try
        {
            return HandoverClient.Connect(control);
        }
        catch (HandoverRefusedException e)
        {
            throw new IOException($"{asked}: the running server refused the takeover: {e.Message}", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"{asked}: {(e.SocketErrorCode == SocketError.AccessDenied ? ControlChannel.NotForThisUser : e.Message)}", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{asked}: {e.Message}.", e);
        }
    }

    /// <summary>
    /// Makes the running server release the sockets, on which this one already accepts. Returns null on success; otherwise the reason, and that server
    /// keeps serving.
    /// </summary>
    public static async Task<string?> FinishAsync(HandoverClient running, ServerSockets sockets, StopSignal stop, ILogger logger)
    {
        var cancellation = new CancellationTokenSource();
        _ = stop.Requested.ContinueWith(_ => cancellation.Cancel(), TaskScheduler.Default);
        try
        {
            Task<HandoverOutcome> finished = Task.Factory.StartNew(() => running.Finish(cancellation.Token), CancellationToken.None,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (await Task.WhenAny(finished, Task.Delay(ReleaseLogDelay)) != finished) ServerLog.WaitsForRelease(logger);
            if (await finished == HandoverOutcome.Released) ServerLog.TakenOver(logger);
            else ServerLog.OtherIsGone(logger);
        }
        catch (OperationCanceledException)
        {
            return "this server was stopped before it was ready.";
        }
        catch (IOException e)
        {
            return e.Message;
        }
        sockets.Provider.MakeOwn();
        return null;
    }
}
