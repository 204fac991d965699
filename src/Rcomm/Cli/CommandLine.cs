using System.CommandLine;
using System.CommandLine.Help;
using Rcomm.Cli.Help;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>The commands of <c>rcomm</c>; parses and runs a command line.</summary>
internal static class CommandLine
{
    /// <summary>Runs the command line. Returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        RootCommand root = Create();
        try
        {
            IReadOnlyList<string> words = FirstWord.Resolve(SwitchWords.Complete(args), [.. root.Subcommands.Select(command => command.Name)]);
            // An argument that starts with @ is the name of an abstract Unix socket, not a response file.
            ParseResult parsed = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (CommandLineMistake.In(parsed, words) is { } mistake) throw new ConfigurationException(mistake);

            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            // A server and a burst handle signals themselves; every other command is cancelled by them.
            if (parsed.CommandResult.Command.Name is ServeCommand.Name or ProxyCommand.Name or "burst") invocation.ProcessTerminationTimeout = null;
            return await parsed.InvokeAsync(invocation);
        }
        catch (ConfigurationException e)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return ExitCodes.WrongConfiguration;
        }
    }

    public static RootCommand Create()
    {
        var root = new RootCommand("A web server whose listen queue you can set, see and trust. Without a command it serves ./pages on 127.0.0.1:7878.");
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(ProxyCommand.Create());
        root.Subcommands.Add(QueuesCommand.Create());
        root.Subcommands.Add(BacklogCommand.Create());
        root.Subcommands.Add(WatchCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        foreach (Command command in ControlCommands.Create()) root.Subcommands.Add(command);
        root.Subcommands.Add(UpgradeCommand.Create());
        root.Subcommands.Add(BurstCommand.Create());
        root.Subcommands.Add(CheckCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        root.Subcommands.Add(ManPageCommand.Create());

        root.Options.OfType<HelpOption>().Single().Action = new ShowHelp(all: false);
        root.Options.Add(new Option<bool>("--help-all") { Description = "show all settings, in groups", Recursive = true, Action = new ShowHelp(all: true) });
        VersionOption version = root.Options.OfType<VersionOption>().Single();
        version.Description = "show the version";
        version.Aliases.Add("-V");
        return root;
    }
}
