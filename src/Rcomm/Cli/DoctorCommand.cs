using System.CommandLine;
using System.Text.Json;
using Rcomm.Doctor;
using Rcomm.Listening.Sizing;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Spectre.Console;

namespace Rcomm.Cli;

/// <summary><c>rcomm doctor</c>: what in this machine will turn connections away, and how to fix it. It changes nothing.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "print JSON, for programs" };

    public static Command Create()
    {
        var command = new Command("doctor", "Find what in this machine will turn connections away, and the fix");
        CommandLineSettings.AddTo(command);
        command.Options.Add(Json);
        command.SetAction(parsed => Run(parsed, parsed.GetValue(Json)));
        return command;
    }

    private static int Run(ParseResult parsed, bool json)
    {
        SettingSources sources = CommandLineSettings.Read(parsed);
        var files = new SystemFiles();
        (int shards, Backlog backlog) = sources.Read(ListeningGroup.Shards).For(sources.Read(ListeningGroup.Backlog));
        int? maxConnections = sources.Read(LimitsGroup.MaxConnections) is > 0 and { } max ? max : null;
        List<Finding> findings = [.. KernelChecks.Look(files, backlog, shards), .. LimitChecks.Look(files, backlog, shards, maxConnections), .. ServerChecks.Look(sources), .. ConfigurationFindings(sources)];

        if (json) Console.WriteLine(JsonSerializer.Serialize(findings, FindingsJson.Default.IReadOnlyListFinding));
        else Print(findings);
        return findings.Exists(finding => finding.Severity == Severity.Problem) ? ExitCodes.Failed : ExitCodes.Fine;
    }

    // A configuration that no server starts with is one finding among the others: the machine is looked at all the same.
    private static IEnumerable<Finding> ConfigurationFindings(SettingSources sources)
    {
        try
        {
            return ConfigurationChecks.Look(ServeSettings.From(sources), sources);
        }
        catch (ConfigurationException e)
        {
            SettingValue root = sources.Find(SiteGroup.DocumentRoot);
            if (FolderChecks.DocumentRoot(root.Text, Path.GetFullPath(root.Text)) is { Severity: Severity.Problem } missing) return [missing];
            return [new("configuration", Severity.Problem, e.Message, "one that a server starts with", "A server doesn't start with it.", "rcomm check   shows all of it")];
        }
    }

    // What matters most comes last: it is what stands above the prompt.
    private static void Print(List<Finding> findings)
    {
        // Commands are there to be copied: the terminal may wrap them, we do not.
        AnsiConsole.Profile.Width = 1000;
        foreach (Finding finding in findings.OrderBy(finding => finding.Severity))
        {
            (string colour, string word) = finding.Severity switch
            {
                Severity.Ok => ("green", "ok"),
                Severity.Unknown => ("grey", "unknown"),
                Severity.Warning => ("yellow", "warning"),
                _ => ("red", "problem"),
            };
            AnsiConsole.MarkupLine($"[{colour}]{word,-8}[/] [bold]{Markup.Escape(finding.Name)}[/]: {Markup.Escape(finding.Is)}");
            if (finding.Severity is Severity.Ok) continue;
            if (finding.Needs is not null) Line("needs", finding.Needs);
            Line("why", finding.Why);
            if (finding.Fix is not null) Line("fix", finding.Fix);
        }
    }

    private static void Line(string word, string text) =>
        AnsiConsole.MarkupLine($"         [grey]{word,-5}[/] {Markup.Escape(text)}");
}
