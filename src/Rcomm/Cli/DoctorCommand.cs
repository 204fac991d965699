using System.CommandLine;
using System.Text.Json;
using Rcomm.Cli.Help;
using Rcomm.Doctor;
using Rcomm.Listening.Sizing;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Spectre.Console;

namespace Rcomm.Cli;

/// <summary><c>rcomm doctor</c>: finds what on this machine will refuse connections, and how to fix it. It changes nothing.</summary>
internal static class DoctorCommand
{
    private const int HeadIndent = 9, TextIndent = 15;

    private static readonly Option<bool> Json = new("--json") { Description = "print JSON, for programs" };

    public static Command Create()
    {
        var command = new Command("doctor", "Find what causes dropped connections on this machine, and the fix");
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
        List<Finding> findings = [.. KernelChecks.Run(files, backlog, shards), .. LimitChecks.Run(files, backlog, shards, maxConnections),
            .. ServerChecks.Run(sources), .. ConfigurationFindings(sources)];

        if (json) Console.WriteLine(JsonSerializer.Serialize(findings, FindingsJson.Default.IReadOnlyListFinding));
        else Print(findings);
        return findings.Exists(finding => finding.Severity == Severity.Problem) ? ExitCodes.Failed : ExitCodes.Fine;
    }

    // A configuration that prevents a start is one finding among others: the machine is checked nevertheless.
    private static IEnumerable<Finding> ConfigurationFindings(SettingSources sources)
    {
        try
        {
            return ConfigurationChecks.Run(ServeSettings.From(sources), sources);
        }
        catch (ConfigurationException e)
        {
            SettingValue root = sources.Find(SiteGroup.DocumentRoot);
            if (FolderChecks.DocumentRoot(root.Text, Path.GetFullPath(root.Text)) is { Severity: Severity.Problem } missing) return [missing];
            return [new("configuration", Severity.Problem, e.Message, "a valid configuration", "The server doesn't start with an invalid one.",
                "rcomm check   # shows all of the configuration")];
        }
    }

    // The most important comes last, just above the prompt.
    private static void Print(List<Finding> findings)
    {
        int width = Console.IsOutputRedirected ? int.MaxValue : AnsiConsole.Profile.Width;
        // Lines are wrapped below, between words.
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
            Line($"[{colour}]{word,-8}[/] ", HeadIndent, $"{finding.Name}: {finding.Is}", width);
            if (finding.Severity is Severity.Ok) continue;
            if (finding.Needs is not null) Line("         [grey]needs[/] ", TextIndent, finding.Needs, width);
            Line("         [grey]why  [/] ", TextIndent, finding.Why, width);
            // Commands are meant to be copied, so only the terminal may wrap them.
            if (finding.Fix is not null) Line("         [grey]fix  [/] ", TextIndent, finding.Fix, int.MaxValue);
        }
    }

    private static void Line(string first, int indent, string text, int width)
    {
        List<string> lines = width == int.MaxValue ? [text] : TextColumns.Wrap(text, width - indent);
        AnsiConsole.MarkupLine(first + string.Join('\n' + new string(' ', indent), lines.Select(Markup.Escape)));
    }
}
