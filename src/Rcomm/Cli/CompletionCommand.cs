using System.CommandLine;
using System.Text;

namespace Rcomm.Cli;

/// <summary><c>rcomm completions SHELL</c>: prints a script that completes commands and flags.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completions", "Print a script that completes commands and flags: source <(rcomm completions bash)") { shell };
        command.SetAction(parsed =>
        {
            var root = (RootCommand)parsed.RootCommandResult.Command;
            Console.Write(parsed.GetValue(shell) switch
            {
                "bash" => Bash(root),
                "zsh" => "#compdef rcomm\nautoload -U bashcompinit && bashcompinit\n" + Bash(root),
                _ => Fish(root),
            });
        });
        return command;
    }

    private static string Bash(RootCommand root)
    {
        var cases = new StringBuilder();
        foreach (Command command in root.Subcommands) cases.Append($"    {command.Name}) words=\"{Words(command)}\" ;;\n");
        return $$"""
            _rcomm() {
              local word="${COMP_WORDS[COMP_CWORD]}" words
              case "${COMP_WORDS[1]}" in
            {{cases}}    *) words="{{string.Join(' ', root.Subcommands.Select(command => command.Name))}} {{Words(root)}}" ;;
              esac
              if [[ "$word" != -* && ( "$COMP_CWORD" -gt 1 || "$word" == */* ) ]]; then
                COMPREPLY=($(compgen -f -- "$word"))
              else
                COMPREPLY=($(compgen -W "$words" -- "$word"))
              fi
            }
            complete -o filenames -F _rcomm rcomm

            """;
    }

    private static string Fish(RootCommand root)
    {
        var script = new StringBuilder();
        foreach (Command command in root.Subcommands) script.Append($"complete -c rcomm -n __fish_use_subcommand -a {command.Name} -d '{Quoted(command.Description)}'\n");
        foreach (Option option in root.Options) script.Append($"complete -c rcomm -n __fish_use_subcommand -l {option.Name.TrimStart('-')} -d '{Quoted(option.Description)}'\n");
        foreach (Command command in root.Subcommands)
            foreach (Option option in command.Options)
                script.Append($"complete -c rcomm -n '__fish_seen_subcommand_from {command.Name}' -l {option.Name.TrimStart('-')} -d '{Quoted(option.Description)}'\n");
        return script.ToString();
    }

    private static string Words(Command command) => string.Join(' ', command.Options.Select(option => option.Name).Append("--help").Distinct());

    private static string Quoted(string? text) => (text ?? "").Split('[')[0].Trim().Replace("'", "\\'", StringComparison.Ordinal);
}
