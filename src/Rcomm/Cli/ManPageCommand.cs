using System.CommandLine;
using System.Text;
using Rcomm.Cli.Help;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm man</c>: prints the manual page, generated from the same declarations as the help.</summary>
internal static class ManPageCommand
{
    private static readonly (string Command, string Meaning)[] Examples =
    [
        ("rcomm .", "Serve the current folder at http://127.0.0.1:7878/."),
        ("rcomm ./dist --spa -p 8080 --backlog max", "Serve a single-page application with the longest listen queue that the kernel allows."),
        ("rcomm proxy 127.0.0.1:3000 --listen :80", "Run in front of another service, on every address of the machine."),
        ("rcomm queues --watch", "Watch every listening socket on this host: how full it is, and how many handshakes it dropped."),
        ("rcomm burst http://127.0.0.1:7878/ --connections 2000", "Open 2,000 connections at once and report what happened to each."),
        ("rcomm check -c /etc/rcomm/rcomm.json", "Check a configuration before you start or reload a server with it."),
    ];

    private static readonly (string File, string Meaning)[] Files =
    [
        ("./rcomm.json", "The configuration file, unless --config or RCOMM_CONFIG names another."),
        ("./pages", "The folder to serve, unless ROOT names another."),
        ("/etc/rcomm/rcomm.env, /etc/rcomm/rcomm.json", "The environment file and the configuration file of the Debian package's service."),
        ("$XDG_RUNTIME_DIR/rcomm/PID.sock, /run/rcomm/PID.sock", "The control socket, unless --control names another."),
    ];

    public static Command Create()
    {
        var command = new Command("man", "Print the manual page: rcomm man | man -l -");
        command.SetAction(parsed => Console.Write(Page((RootCommand)parsed.RootCommandResult.Command)));
        return command;
    }

    private static string Page(RootCommand root)
    {
        var page = new StringBuilder();
        page.Append(".TH RCOMM 1\n.SH NAME\nrcomm \\- a web server whose listen queue you can set, see and trust\n");
        page.Append(".SH SYNOPSIS\n.B rcomm\n[\\fIROOT\\fR] [\\fIOPTIONS\\fR]\n.br\n.B rcomm\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n");
        page.Append($".SH DESCRIPTION\n{Escaped(root.Description)}\n.SH COMMANDS\n");
        foreach (Command command in root.Subcommands) AppendCommand(page, command, root);
        page.Append(".SH SETTINGS\n" +
            "A flag overrides the environment variable, the variable overrides the configuration file, and the file overrides the default.\n");
        foreach (SettingGroup group in SettingCatalog.Groups)
        {
            page.Append($".SS {Escaped(group.Title)}\n");
            foreach (Setting setting in group.Settings) AppendSetting(page, setting);
        }
        Append(page, "EXAMPLES", Examples);
        Append(page, "FILES", Files);
        page.Append(".SH ENVIRONMENT\nEach setting has a variable, listed above. An empty variable counts as unset.\n");
        foreach ((string name, string meaning) in (ReadOnlySpan<(string, string)>)
            [
                (ConfigurationFile.Variable, "The configuration file."),
                (EnvironmentFile.Variable, "A file of variables. They override the environment, and SIGHUP reloads them."),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "Push metrics by OTLP to this address."), ("NO_COLOR", "Any value turns off colors."),
            ])
            page.Append($".TP\n\\fB{Escaped(name)}\\fR\n{Escaped(meaning)}\n");
        page.Append(".SH SIGNALS\n.TP\nSIGTERM, SIGINT\n" +
            "Drain the listen queues, finish the requests in flight, and exit. A second signal stops the server at once.\n" +
            ".TP\nSIGHUP\nReload the configuration file and the environment file.\n.TP\nSIGUSR1\nReopen the access log.\n");
        page.Append(".SH EXIT STATUS\n.TP\n0\nsuccess\n.TP\n1\nfailure\n.TP\n2\nthe command line or the configuration is invalid\n");
        return page.ToString();
    }

    private static void AppendCommand(StringBuilder page, Command command, RootCommand root)
    {
        page.Append($".TP\n\\fB{Escaped(CommandText.Usage(command))}\\fR\n{Escaped(command.Description)}\n");
        List<(string Term, string? Meaning)> rows =
        [
            .. command.Arguments.Where(argument => !CommandText.IsSetting(argument)).Select(argument => (argument.Name, argument.Description)),
            // The settings of a server are in a separate section.
            .. CommandText.OwnOptions(command, root).Where(option => !option.Recursive).Select(option => (CommandText.Term(option), option.Description)),
        ];
        if (rows.Count == 0) return;
        page.Append(".RS\n");
        foreach ((string term, string? meaning) in rows) page.Append($".TP\n\\fB{Escaped(term)}\\fR\n{Escaped(meaning)}\n");
        page.Append(".RE\n");
    }

    private static void AppendSetting(StringBuilder page, Setting setting)
    {
        string flags = setting.Argument ?? $"{(setting.Short is { } alias ? alias + ", " : "")}{setting.Flag} {setting.Kind.Placeholder}";
        page.Append($".TP\n\\fB{Escaped(flags)}\\fR ({Escaped(setting.Origin)})\n{Escaped(setting.Meaning)}\n");
    }

    private static void Append(StringBuilder page, string section, IEnumerable<(string, string)> rows)
    {
        page.Append($".SH {section}\n");
        foreach ((string term, string meaning) in rows) page.Append($".TP\n\\fB{Escaped(term)}\\fR\n{Escaped(meaning)}\n");
    }

    // A line that starts with a dot or a quote would be a macro; a hyphen would be typeset as a dash.
    private static string Escaped(string? text)
    {
        string escaped = (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
