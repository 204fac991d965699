using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Requests;

namespace Rcomm.Server;

/// <summary>Stops a server within a time.</summary>
internal static class TimedStop
{
    /// <summary>How long the admin pages may take.</summary>
    public static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(1);

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
