using System.CommandLine;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>Says what is wrong with a command line, in one sentence with what to type instead.</summary>
internal static class CommandLineMistake
{
    /// <summary>The mistake; null where there is none.</summary>
    public static string? In(ParseResult parsed, IReadOnlyList<string> args)
    {
        Command command = parsed.CommandResult.Command;
        string help = command is RootCommand ? "rcomm --help" : $"rcomm {command.Name} --help";
        // A parser takes a misspelt flag for an argument and complains of what follows it.
        IEnumerable<Option> inherited = parsed.RootCommandResult.Command.Options.Where(option => option.Recursive);
        List<string> flags = [.. command.Options.Concat(inherited).SelectMany(option => option.Aliases.Prepend(option.Name))];
        string? unknown = args.Select(arg => arg.Split('=')[0]).FirstOrDefault(arg => arg.StartsWith("--", StringComparison.Ordinal) && !flags.Contains(arg));
        if (unknown is not null and not "--")
            return $"{unknown} is no flag of {(command is RootCommand ? "rcomm" : $"rcomm {command.Name}")}.{Spelling.DidYouMean(unknown, flags)} `{help}` lists them.";

        return parsed.Errors is [var error, ..] ? $"{error.Message.TrimEnd('.')}. `{help}` lists what can be written." : null;
    }
}
