using System.CommandLine;
using System.Text;
using Rcomm.Cli.Help;

namespace Rcomm.Cli.Completions;

/// <summary>The script for PowerShell, which completes anything else with files and folders.</summary>
internal static class PowerShellCompletion
{
    public static string Script(RootCommand root)
    {
        var flags = new StringBuilder();
        var values = new StringBuilder();
        foreach (Command command in root.Subcommands)
        {
            flags.Append($"    '{command.Name}' = {Words(command.Options.Where(option => !option.Hidden).Select(option => option.Name).Append("--help"))}\n");
            foreach (Option option in command.Options)
                if (CommandText.Choices(option) is { Count: > 0 } choices)
                    foreach (string name in option.Aliases.Prepend(option.Name)) values.Append($"    '{command.Name} {name}' = {Words(choices)}\n");
            foreach (Argument argument in command.Arguments)
                if (CommandText.Choices(argument) is { Count: > 0 } choices) values.Append($"    '{command.Name} {command.Name}' = {Words(choices)}\n");
        }
        return $$"""
            Register-ArgumentCompleter -Native -CommandName rcomm -ScriptBlock {
              param($word, $ast, $cursor)
              $flags = @{
            {{flags}}  }
              $values = @{
            {{values}}  }
              $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })
              if ($word -ne '') { $words = @($words | Select-Object -SkipLast 1) }
              $command = if ($words.Count -gt 1 -and $flags.ContainsKey($words[1])) { $words[1] } else { 'serve' }
              $found = if ($words.Count -gt 1 -and $values.ContainsKey("$command $($words[-1])")) { $values["$command $($words[-1])"] }
                elseif ($words.Count -gt 1 -and $words[1] -eq 'help') { $flags.Keys | Sort-Object }
                elseif ($word -like '-*') { $flags[$command] }
                elseif ($words.Count -eq 1) { $flags.Keys | Sort-Object }
                else { @() }
              $found | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
              }
            }

            """;
    }

    private static string Words(IEnumerable<string> words) => $"@({string.Join(", ", words.Distinct().Select(word => $"'{word}'"))})";
}
