using System.CommandLine;
using System.Text;
using Rcomm.Cli.Help;

namespace Rcomm.Cli.Completions;

internal static class FishCompletion
{
    public static string Script(RootCommand root)
    {
        var script = new StringBuilder("complete -c rcomm -n __fish_use_subcommand -a '(__fish_complete_directories)'\n");
        foreach (Command command in root.Subcommands)
            script.Append($"complete -c rcomm -f -n __fish_use_subcommand -a {command.Name} -d {Quoted(command.Description)}\n");
        script.Append("complete -c rcomm -f -n '__fish_seen_subcommand_from help' -a " +
            $"'{string.Join(' ', root.Subcommands.Select(command => command.Name))}'\n");
        foreach (Command command in root.Subcommands)
        {
            // Flags without a command belong to serve.
            string[] conditions = command.Name == ServeCommand.Name
                ? ["__fish_use_subcommand", $"'__fish_seen_subcommand_from {command.Name}'"]
                : [$"'__fish_seen_subcommand_from {command.Name}'"];
            foreach (string condition in conditions)
                foreach (Option option in command.Options.Where(option => !option.Hidden))
                    script.Append($"complete -c rcomm -n {condition}{Names(option)}{Values(option)} -d {Quoted(option.Description)}\n");
            foreach (Argument argument in command.Arguments)
                if (CommandText.Choices(argument) is { Count: > 0 } choices)
                    script.Append($"complete -c rcomm -f -n '__fish_seen_subcommand_from {command.Name}' -a '{string.Join(' ', choices)}'\n");
        }
        return script.ToString();
    }

    private static string Names(Option option) =>
        string.Concat(option.Aliases.Prepend(option.Name)
            .Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));

    private static string Values(Option option)
    {
        if (CommandText.Value(option) is not { } value) return "";
        IReadOnlyList<string> choices = CommandText.Choices(option);
        bool isPath = value.Contains("FILE", StringComparison.Ordinal) || value.Contains("PATH", StringComparison.Ordinal);
        return $" -r{(isPath ? " -F" : " -f")}{(choices.Count == 0 ? "" : $" -a '{string.Join(' ', choices)}'")}";
    }

    private static string Quoted(string? text) =>
        $"'{(text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
