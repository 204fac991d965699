using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rcomm.Cli.Help;
using Rcomm.Doctor;
using Rcomm.Listening.Sizing;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Shared.Linux;

namespace Rcomm.Cli;

/// <summary><c>rcomm check</c>: does what a server does at startup, without sockets, and reports what would fail later.</summary>
internal static class CheckCommand
{
    private static readonly Option<bool> All = new("--all") { Description = "also show the settings that have their default value" };
    private static readonly Option<bool> Json = new("--json") { Description = "print JSON, for programs" };
    private static readonly Option<bool> Schema = new("--schema") { Description = "print the JSON Schema of the configuration file instead" };
    // For docs/generate.
    private static readonly Option<string?> Markdown = new("--markdown") { Hidden = true };

    public static Command Create()
    {
        var command = new Command("check", "Check the configuration without starting a server");
        CommandLineSettings.AddTo(command);
        foreach (Option option in (Option[])[All, Json, Schema, Markdown]) command.Options.Add(option);
        command.SetAction((parsed, _) =>
            parsed.GetValue(Schema) ? Print(ConfigurationSchema.Text())
            : parsed.GetValue(Markdown) is { } which ? Print(which == "common" ? SettingsTable.Common() : SettingsTable.All())
            : CheckAsync(parsed));
        return command;
    }

    private static Task<int> Print(string text)
    {
        Console.WriteLine(text.TrimEnd());
        return Task.FromResult(ExitCodes.Fine);
    }

    private static async Task<int> CheckAsync(ParseResult parsed)
    {
        SettingSources? sources = null;
        try
        {
            sources = CommandLineSettings.Read(parsed);
            ServeSettings settings = ServeSettings.From(sources);
            sources.WarnOfUnknownVariables();
            await ServerBuilder.VerifyAsync(settings);
            List<string> warnings =
            [
                .. sources.Warnings,
                .. ConfigurationChecks.Run(settings, sources).Where(finding => finding.Severity >= Severity.Warning)
                    .Select(finding => $"{finding.Name}: {finding.Is}.{(finding.Fix is null ? "" : $" Try: {finding.Fix}")}"),
            ];
            Report(parsed, new CheckDocument(true, null, warnings, [.. Notes(settings)], Rows(sources)));
            return warnings.Count > 0 ? ExitCodes.Failed : ExitCodes.Fine;
        }
        catch (ConfigurationException e) when (parsed.GetValue(Json))
        {
            Report(parsed, new CheckDocument(false, e.Message, sources?.Warnings ?? [], [], []));
            return ExitCodes.WrongConfiguration;
        }
    }

    // The server would start with what the kernel keeps, and report it.
    private static IEnumerable<string> Notes(ServeSettings settings)
    {
        (_, Backlog each) = settings.Shards.For(settings.Socket.Backlog);
        if (!each.IsMax && !each.IsAuto && SomaxConn.Here() is { } cap && cap < each.Connections)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"the kernel caps the backlog at {cap} (net.core.somaxconn): sysctl -w net.core.somaxconn={each.Connections}, or " +
                $"{ListeningGroup.Shards.Flag} auto");
    }

    private static List<CheckedSetting> Rows(SettingSources sources) =>
    [
        .. SettingCatalog.Groups.SelectMany(group => group.Settings.Select(setting =>
        {
            SettingValue written = sources.IsWritten(setting) ? sources.Find(setting) : new(setting.Default, null);
            return new CheckedSetting(group.Title, setting.Name, setting.Shown(written.Text), written.Where ?? "default");
        })),
    ];

    private static void Report(ParseResult parsed, CheckDocument document)
    {
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(document, CheckJson.Default.CheckDocument));
            return;
        }
        foreach (string warning in document.Warnings) Console.Error.WriteLine($"warning: {warning}");
        foreach (string note in document.Notes) Console.Error.WriteLine($"note: {note}");
        List<CheckedSetting> shown = [.. document.Settings.Where(setting => setting.From != "default")];
        Print(shown);
        if (parsed.GetValue(All)) Print([.. document.Settings.Except(shown)]);
        else Console.WriteLine($"{document.Settings.Count - shown.Count} {(shown.Count == 0 ? "" : "other ")}settings have their default; --all shows them.");
        Console.WriteLine(document.Warnings.Count == 0 ? "Configuration OK." : $"The server would start, with {document.Warnings.Count} " +
            $"{(document.Warnings.Count == 1 ? "warning" : "warnings")}.");
    }

    private static void Print(List<CheckedSetting> settings)
    {
        if (settings.Count == 0) return;
        int names = settings.Max(setting => setting.Name.Length);
        int values = Math.Min(settings.Max(setting => setting.Value.Length), TextColumns.Width - names - settings.Max(setting => setting.From.Length) - 6);
        foreach (IGrouping<string, CheckedSetting> group in settings.GroupBy(setting => setting.Group))
        {
            Console.WriteLine($"{group.Key}:");
            foreach (CheckedSetting setting in group)
                Console.WriteLine($"  {setting.Name.PadRight(names)}  {setting.Value.PadRight(Math.Max(0, values))}  {setting.From}");
        }
        Console.WriteLine();
    }
}
