using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Cli;
using Rcomm.Requests;

namespace Rcomm.Server;

/// <summary>Stops a server within a time.</summary>
internal static class TimedStop
{
    /// <summary>How long the admin pages may take.</summary>
    public static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(1);

    // What is left to do after all that has a limit are moments.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>The longest that a stop may take: a takeover that is under way is waited for as long as requests are.</summary>
    public static TimeSpan LimitOf(TimeSpan drainDelay, TimeSpan shutdownTimeout) => drainDelay + (2 * shutdownTimeout) + Margin;

    /// <summary>Ends the process if it still runs after the time: whatever has gone wrong, a stop ends.</summary>
    public static void EndAfter(TimeSpan limit, ILogger logger)
    {
        var timer = new Thread(() =>
        {
            Thread.Sleep(limit);
            ServerLog.StopHangs(logger, limit.TotalSeconds);
            // The line is written by another thread.
            Thread.Sleep(AdminTimeout);
            Environment.Exit(ExitCodes.Failed);
        }) { IsBackground = true, Name = "stop" };
        timer.Start();
    }

    /// <summary>Returns how many requests were still being answered when the time was over; their connections are closed then.</summary>
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
