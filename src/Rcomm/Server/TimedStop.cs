using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Cli;
using Rcomm.Requests;

namespace Rcomm.Server;

/// <summary>Stops a server within a time limit.</summary>
internal static class TimedStop
{
    /// <summary>The time limit of the admin pages.</summary>
    public static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(1);

    // Everything without its own limit takes only moments.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>Returns the maximum duration of a stop: it waits for a takeover in progress as long as for requests.</summary>
    public static TimeSpan LimitOf(TimeSpan drainDelay, TimeSpan shutdownTimeout) => drainDelay + (2 * shutdownTimeout) + Margin;

    /// <summary>Ends the process if it still runs after the limit, whatever has gone wrong.</summary>
    public static void EndAfter(TimeSpan limit, ILogger logger)
    {
        var timer = new Thread(() =>
        {
            Thread.Sleep(limit);
            ServerLog.StopHangs(logger, limit.TotalSeconds);
            // Another thread writes the log line.
            Thread.Sleep(AdminTimeout);
            Environment.Exit(ExitCodes.Failed);
        }) { IsBackground = true, Name = "stop" };
        timer.Start();
    }

    /// <summary>Returns how many requests were not answered in time; their connections are then closed.</summary>
    public static async Task<int> StopAsync(WebApplication app, TimeSpan timeout)
    {
        using var timeUp = new CancellationTokenSource();
        Task stopped = app.StopAsync(timeUp.Token);
        int cutOff = 0;
        if (await Task.WhenAny(stopped, Task.Delay(timeout)) != stopped)
        {
            cutOff = app.Services.GetService<RequestMetrics>()?.InFlight ?? 0;
            await timeUp.CancelAsync();
        }
        await stopped;
        return cutOff;
    }
}
