using Rcomm.Burst;
using Spectre.Console;

namespace Rcomm.BurstReports;

/// <summary>Shows a progress bar on standard error while a burst runs, if that is a terminal.</summary>
internal static class ProgressLine
{
    public static async Task<BurstReport> ShowAsync(BurstPlan plan, Func<IProgress<BurstProgress>?, Task<BurstReport>> run)
    {
        if (Console.IsErrorRedirected || Console.IsOutputRedirected) return await run(null);

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("opening", maxValue: (double)plan.Connections * plan.Rounds);
                return await run(new BarUpdate(bar, plan));
            });
    }

    // Progress<T> would post to the thread pool, which may be too late.
    private sealed class BarUpdate(ProgressTask bar, BurstPlan plan) : IProgress<BurstProgress>
    {
        public void Report(BurstProgress value)
        {
            string round = plan.Rounds > 1 ? $"round {value.Round} of {plan.Rounds}: " : "";
            bar.Description = round + (value.Opened < value.Round * plan.Connections ? "opening" : "waiting for answers");
            bar.Value = value.Finished;
        }
    }
}
