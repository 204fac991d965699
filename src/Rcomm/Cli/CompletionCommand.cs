using System.CommandLine;
using Rcomm.Cli.Completions;

namespace Rcomm.Cli;

/// <summary><c>rcomm completions SHELL</c>: prints a script that completes commands, flags and values.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell, e.g. source <(rcomm completions bash)" };
        shell.CompletionSources.Add("bash", "zsh", "fish", "powershell");
        shell.Validators.Add(result =>
        {
            string word = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (word is not ("bash" or "zsh" or "fish" or "powershell" or "pwsh")) result.AddError($"SHELL={word}: write bash, zsh, fish or powershell");
        });
        var command = new Command("completions", "Print a shell script that completes commands and values") { shell };
        command.SetAction(parsed =>
        {
            var root = (RootCommand)parsed.RootCommandResult.Command;
            Console.Write(parsed.GetValue(shell) switch
            {
                "bash" => BashCompletion.Script(root),
                "zsh" => BashCompletion.Zsh(root),
                "fish" => FishCompletion.Script(root),
                _ => PowerShellCompletion.Script(root),
            });
        });
        return command;
    }
}
