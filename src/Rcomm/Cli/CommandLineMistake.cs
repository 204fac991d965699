using System.CommandLine;
using System.CommandLine.Parsing;
using Rcomm.Cli.Help;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>Describes what is wrong with a command line, in one sentence with what to type instead.</summary>
internal static class CommandLineMistake
{
    /// <summary>Returns the mistake, or null.</summary>
    public static string? In(ParseResult parsed, IReadOnlyList<string> args)
    {
        Command command = parsed.CommandResult.Command;
        string help = command is RootCommand ? "rcomm --help" : $"rcomm {command.Name} --help";
        // The parser takes a misspelt option for an argument and reports what follows it.
        IEnumerable<Option> inherited = parsed.RootCommandResult.Command.Options.Where(option => option.Recursive);
        List<string> options = [.. command.Options.Concat(inherited).SelectMany(option => option.Aliases.Prepend(option.Name))];
        string? unknown = Unknown([.. args.TakeWhile(arg => arg != "--")], options);
        if (unknown is not null)
        {
            string guess = Spelling.DidYouMean(unknown, options.Where(option => option.StartsWith("--", StringComparison.Ordinal)));
            return $"Unknown option {unknown}.{guess} `{help}` lists the options.";
        }

        return parsed.Errors is [var error, ..] ? $"{Sentence(parsed, error).TrimEnd('.')}. `{help}` shows the usage." : null;
    }

    // The parser's own messages name neither what is missing nor what to write.
    private static string Sentence(ParseResult parsed, ParseError error)
    {
        if (error.SymbolResult is OptionResult empty && empty.Tokens.Count < empty.Option.Arity.MinimumNumberOfValues)
            return $"{empty.Option.Name} needs a value: {CommandText.Term(empty.Option)}, {CommandText.Description(empty.Option)}";
        if (error.SymbolResult is OptionResult { Tokens.Count: > 1, Option.Arity.MaximumNumberOfValues: 1 } twice)
            return $"{twice.Option.Name} is given twice ({string.Join(", ", twice.Tokens)}); give it once";
        if (parsed.UnmatchedTokens is [var extra, ..]) return $"\"{extra}\" isn't expected here";
        CommandResult written = parsed.CommandResult;
        Argument? missing = written.Command.Arguments.FirstOrDefault(one =>
            one.Arity.MinimumNumberOfValues > 0 && written.GetResult(one) is null or { Tokens.Count: 0 });
        if (missing is null) return error.Message;
        string example = CommandText.Choices(missing) is [var choice, ..] ? choice : "512";
        return $"{missing.Name} is missing: {CommandText.Description(missing)}. Write e.g. rcomm {written.Command.Name} {example}";
    }

    // A value may start with a dash ("-/etc/rcomm.env"), and may directly follow a short option ("-p80").
    private static string? Unknown(List<string> args, List<string> options)
    {
        for (int i = 0; i < args.Count; i++)
        {
            string name = args[i].Split('=')[0];
            bool isValue = i > 0 && options.Contains(args[i - 1]);
            bool isShort = name is ['-', >= 'a' and <= 'z' or >= 'A' and <= 'Z', ..] && !isValue && !options.Contains(name[..2]);
            if (!options.Contains(name) && (isShort || name.StartsWith("--", StringComparison.Ordinal))) return name;
        }
        return null;
    }
}
