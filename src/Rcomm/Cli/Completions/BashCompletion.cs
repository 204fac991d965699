using System.CommandLine;
using System.Text;
using Rcomm.Cli.Help;

namespace Rcomm.Cli.Completions;

/// <summary>The script for bash, and for zsh with bashcompinit.</summary>
internal static class BashCompletion
{
    // Installed as a zsh completion file, the script itself is the completion function when it is first called.
    public static string Zsh(RootCommand root) => "#compdef rcomm\nautoload -U bashcompinit && bashcompinit\n" + Script(root)
        + "if [[ \"${funcstack[1]}\" == _rcomm ]]; then _bash_complete -o filenames -F _rcomm; fi\n";

    public static string Script(RootCommand root)
    {
        var values = new StringBuilder();
        var words = new StringBuilder();
        foreach (Command command in root.Subcommands)
        {
            foreach (Option option in command.Options)
                if (Values(option) is { } completes)
                    values.Append($"    {string.Join('|', Names(option).Select(name => $"\"{command.Name} {name}\""))}) {completes} ;;\n");
            words.Append($"    {command.Name}) flags=\"{Flags(command, root)}\" {Arguments(command)} ;;\n");
        }
        return $$"""
            _rcomm() {
              local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"
              local commands="{{string.Join(' ', root.Subcommands.Select(command => command.Name))}} help version" flags= words= paths= value=
              COMPREPLY=()
              if [[ "$word" == "=" ]]; then word=; elif [[ "$previous" == "=" ]]; then previous="${COMP_WORDS[COMP_CWORD-2]}"; fi
              if [[ "$COMP_CWORD" -eq 1 && "$word" != -* ]]; then
                [[ "$word" == */* || "$word" == .* ]] || COMPREPLY=($(compgen -W "$commands" -- "$word"))
                [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -d -- "$word"))
                return
              fi
              if [[ "$command" == help ]]; then COMPREPLY=($(compgen -W "$commands" -- "$word")); return; fi
              [[ " $commands " == *" $command "* ]] || command=serve
              case "$command $previous" in
            {{values}}  esac
              if [[ -z "$value" ]]; then
                case "$command" in
            {{words}}    esac
                if [[ "$word" == -* ]]; then words="$flags"; paths=; fi
              fi
              COMPREPLY=($(compgen -W "$words" -- "$word"))
              if [[ "$paths" == folders ]]; then COMPREPLY+=($(compgen -d -- "$word")); fi
              if [[ "$paths" == files ]]; then COMPREPLY+=($(compgen -f -- "$word")); fi
            }
            complete -o filenames -F _rcomm rcomm

            """;
    }

    // Null if a flag takes no value; no words if the value can't be known.
    private static string? Values(Option option) => CommandText.Value(option) is not { } value ? null
        : $"value=yes words=\"{string.Join(' ', CommandText.Choices(option))}\" paths={Paths(value)}";

    private static string Arguments(Command command) => command.Arguments is [var argument, ..]
        ? $"words=\"{string.Join(' ', CommandText.Choices(argument))}\" paths={Paths(argument.HelpName ?? argument.Name)}"
        : "";

    private static string Paths(string placeholder) =>
        placeholder.Contains("FOLDER", StringComparison.Ordinal) ? "folders"
        : placeholder.Contains("FILE", StringComparison.Ordinal) || placeholder.Contains("PATH", StringComparison.Ordinal) ? "files" : "";

    private static string Flags(Command command, RootCommand root) =>
        string.Join(' ', command.Options.Concat(root.Options.Where(option => option.Recursive)).Where(option => !option.Hidden)
            .Select(option => option.Name).Distinct());

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);
}
