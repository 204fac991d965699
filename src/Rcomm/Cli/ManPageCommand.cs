using System.CommandLine;
using System.Text;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm man</c>: prints the manual page, made from the same table and commands as the help.</summary>
internal static class ManPageCommand
{
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
        page.Append(".SH SYNOPSIS\n.B rcomm\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]\n");
        page.Append($".SH DESCRIPTION\n{Escaped(root.Description)}\n");
        page.Append(".SH COMMANDS\n");
        foreach (Command command in root.Subcommands)
        {
            string arguments = string.Concat(command.Arguments.Select(argument => $" \\fI{Escaped(argument.Name)}\\fR"));
            page.Append($".TP\n\\fBrcomm {Escaped(command.Name)}\\fR{arguments}\n{Escaped(command.Description)}\n");
            // The settings are those of serve; they have a section of their own.
            foreach (Option option in command.Options.Where(option => !SettingCatalog.All.Any(setting => setting.Flag == option.Name)))
                page.Append($".RS\n.TP\n\\fB{Escaped(option.Name)}\\fR\n{Escaped(option.Description)}\n.RE\n");
        }
        page.Append(".SH SETTINGS\nA flag wins over the environment, the environment over the configuration file, the file over the default.\n");
        foreach (Setting setting in SettingCatalog.All)
        {
            page.Append($".TP\n\\fB{Escaped(setting.Flag)}\\fR ({Escaped(setting.Origin)})\n{Escaped(setting.Meaning)}\n");
        }
        page.Append(".SH SIGNALS\n.TP\nSIGTERM, SIGINT\nDrain the listen queues, finish what is in flight, and end; a second one ends at once.\n" +
            ".TP\nSIGHUP\nRead the configuration file and the environment file again.\n.TP\nSIGUSR1\nOpen the access log anew.\n");
        page.Append(".SH EXIT STATUS\n.TP\n0\nfine\n.TP\n1\nit failed\n.TP\n2\nthe command line or the configuration is wrong\n");
        return page.ToString();
    }

    // A line that begins with a dot or a quote would be a macro; a hyphen would be typeset as a dash.
    private static string Escaped(string? text)
    {
        string escaped = (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
