using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rcomm.Burst;
using Rcomm.BurstReports;
using Rcomm.BurstReports.Compare;
using Rcomm.BurstReports.Html;
using Rcomm.BurstReports.Limit;
using Rcomm.BurstReports.Merge;
using Rcomm.BurstReports.Options;
using Rcomm.Settings;
using Spectre.Console;

namespace Rcomm.Cli;

/// <summary><c>rcomm burst URL</c>: opens many connections at the same time and reports the outcome of each.</summary>
internal static class BurstCommand
{
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var options = new BurstOptions();
        var command = new Command("burst", "Open thousands of connections at once; report each outcome");
        options.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(options, parsed));
        return command;
    }

    private static async Task<int> RunAsync(BurstOptions options, ParseResult parsed)
    {
        try
        {
            using var stop = new CancellationTokenSource();
            using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop), terminate = StopOn(PosixSignal.SIGTERM, stop);

            IAnsiConsole terminal = Terminal(AnsiConsole.Console);
            if (options.Compare(parsed) is var (first, second))
            {
                CompareReport.Write(first, second, terminal);
                return ExitCodes.Fine;
            }

            double allowed = options.Allowed(parsed);
            string? page = options.Html(parsed);
            if (page is not null) HtmlReport.CheckPath(page);
            if (options.FindLimit(parsed) is { } goal)
                return await FindLimitAsync(await options.PlanAsync(parsed, stop.Token), goal, options.Json(parsed) ? null : terminal, stop.Token);

            BurstReport report =
                options.Merge(parsed) is { } files ? Merge(files) : await BurstMeasurement.RunAsync(await options.PlanAsync(parsed, stop.Token), stop.Token);
            if (options.Json(parsed)) Console.Out.WriteLine(JsonSerializer.Serialize(report, BurstJson.Default.BurstReport));
            else TerminalReport.Write(report, terminal);
            if (page is not null) HtmlReport.Write(report, page);
            return BurstExitCode.Of(report.Burst.Summary, allowed);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is ConfigurationException or BurstException or BurstFileException)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return e is BurstException { Failure: not (BurstFailure.BadPlan or BurstFailure.NameNotFound or BurstFailure.SourceNotAvailable) }
                ? ExitCodes.Failed
                : ExitCodes.WrongConfiguration;
        }
    }

    // Prints JSON if there is no terminal.
    private static async Task<int> FindLimitAsync(BurstPlan plan, LimitGoal goal, IAnsiConsole? terminal, CancellationToken stop)
    {
        LimitResult result =
            await BurstMeasurement.FindLimitAsync(plan, goal, trial => terminal?.WriteLine(LimitReport.Line(trial, goal.Level)), stop);
        if (terminal is null) Console.Out.WriteLine(JsonSerializer.Serialize(LimitReport.Document(plan.Target.Url, result), LimitJson.Default.LimitDocument));
        else LimitReport.Write(result, terminal);
        return result.Held is null ? ExitCodes.Failed : ExitCodes.Fine;
    }

    private static BurstReport Merge(IReadOnlyList<string> files)
    {
        List<BurstReport> reports = [.. files.Select(file => ReportFile.Read(file, "--merge"))];
        foreach (string doubt in MergedReport.Warnings(reports)) Console.Error.WriteLine($"rcomm: {doubt}");
        try
        {
            return MergedReport.Of(reports);
        }
        catch (FormatException e)
        {
            throw new BurstFileException($"--merge: {e.Message}. Write the files with this version of rcomm: rcomm burst URL --json > FILE");
        }
    }

    // Output to a file or a pipe isn't wrapped at 80 columns.
    private static IAnsiConsole Terminal(IAnsiConsole console)
    {
        if (Console.IsOutputRedirected) console.Profile.Width = 240;
        return console;
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop)
    {
        long first = 0;
        return PosixSignalRegistration.Create(signal, context =>
        {
            // A second signal ends the process as usual; but timeout(1) sends the first one twice, to the process and to its group.
            if (stop.IsCancellationRequested && (first == 0 || Stopwatch.GetElapsedTime(first) > SameSignal)) return;
            context.Cancel = true;
            if (first == 0) first = Stopwatch.GetTimestamp();
            stop.Cancel();
        });
    }
}
