using System.CommandLine;
using System.Text;
using Rcomm.Settings;

namespace Rcomm.Cli.Help;

/// <summary>The output of <c>--help</c>: the command's own options, then common settings. <c>--help-all</c> shows all settings in groups.</summary>
internal static class HelpText
{
    private static readonly (string, string)[] Examples =
    [
        ("rcomm .", "serve the current folder on 127.0.0.1:7878"),
        ("rcomm ./dist --spa -p 80", "serve a single-page application on port 80"),
        ("rcomm proxy :3000 -b max", "put a long listen queue in front of a service"),
    ];

    /// <summary>Returns the short help of the program or of one command.</summary>
    public static string Of(RootCommand root, Command command)
    {
        bool isRoot = command == root;
        var text = new StringBuilder();
        text.Append(TextColumns.Paragraph(command.Description + (command.Description!.EndsWith('.') ? "" : ".")));
        Section(text, "Usage", isRoot ? [("rcomm [ROOT] [OPTIONS]", "serve a folder"), ("rcomm COMMAND [OPTIONS]", "")] : [(CommandText.Usage(command), "")]);
        if (isRoot)
        {
            Section(text, "Commands", [.. root.Subcommands.Where(one => !one.Hidden).Select(one => (one.Name, one.Description!))]);
            Section(text, "Examples", Examples);
        }
        Command settingsOf = isRoot ? root.Subcommands.Single(one => one.Name == ServeCommand.Name) : command;
        // For a command that reads a server's settings, the folder and those options come after its own.
        Section(text, "Arguments", [.. command.Arguments.Where(one => !CommandText.IsSetting(one)).Select(one => (one.Name, CommandText.Description(one)))]);
        Section(text, "Options", [.. CommandText.OwnOptions(command, root).Select(one => (CommandText.Term(one), CommandText.Description(one)))]);
        bool hasSettings = settingsOf.Options.Any(CommandText.IsSetting);
        if (!hasSettings) return text.ToString();

        Section(text, "Settings that most people use",
            [.. SettingCatalog.All.Where(setting => setting.IsCommon && CommandText.Has(settingsOf, setting)).Select(Row)]);
        text.Append('\n').Append(TextColumns.Paragraph("Each setting is also an environment variable (RCOMM_BACKLOG) and a name in rcomm.json (backlog). " +
            "`rcomm --help-all` shows all settings, `rcomm man | man -l -` the manual."));
        return text.ToString();
    }

    /// <summary>Returns the help with every setting, in groups.</summary>
    public static string All(RootCommand root, Command command)
    {
        Command settingsOf = command == root ? root.Subcommands.Single(one => one.Name == ServeCommand.Name) : command;
        if (!settingsOf.Options.Any(CommandText.IsSetting)) return Of(root, command);

        var text = new StringBuilder();
        text.Append(TextColumns.Paragraph(command.Description + (command.Description!.EndsWith('.') ? "" : ".")));
        Section(text, "Usage", [(CommandText.Usage(settingsOf), "")]);
        text.Append('\n').Append(TextColumns.Paragraph(
            "A flag overrides the environment variable, the variable overrides the configuration file, and the file overrides the default. " +
            "A <TIME> is e.g. 500ms, 30s or 2m, a <SIZE> e.g. 64k or 32MB, an <ADDRESS> e.g. 127.0.0.1:80, :80 (every address " +
            "of the machine) or unix:/run/rcomm/http.sock. As an upstream, :3000 is 127.0.0.1:3000."));
        Section(text, "Options", [.. CommandText.OwnOptions(settingsOf, root).Select(one => (CommandText.Term(one), CommandText.Description(one)))]);
        foreach (SettingGroup group in SettingCatalog.Groups)
            Section(text, group.Title, [.. group.Settings.Where(setting => CommandText.Has(settingsOf, setting))
                .Select(setting => (Term(setting), $"{setting.Meaning} [{setting.Origin}]"))]);
        return text.ToString();
    }

    private static (string, string) Row(Setting setting) =>
        (Term(setting), setting.ShownDefault == "" ? setting.Summary : $"{setting.Summary} [{setting.ShownDefault}]");

    private static string Term(Setting setting) =>
        setting.Argument ?? $"{(setting.Short is { } alias ? alias + ", " : "")}{setting.Flag} {setting.Kind.Placeholder}";

    private static void Section(StringBuilder text, string title, (string, string)[] rows)
    {
        if (rows.Length > 0) text.Append($"\n{title}:\n{TextColumns.Table(rows)}");
    }
}
