using System.CommandLine;
using System.CommandLine.Invocation;

namespace Rcomm.Cli.Help;

/// <summary><c>--help</c> and <c>--help-all</c>.</summary>
internal sealed class ShowHelp(bool all) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var root = (RootCommand)parseResult.RootCommandResult.Command;
        Console.Out.Write(all ? HelpText.All(root, parseResult.CommandResult.Command) : HelpText.Of(root, parseResult.CommandResult.Command));
        return ExitCodes.Fine;
    }
}
