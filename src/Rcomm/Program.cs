using System.CommandLine;
using Rcomm.Cli;

var root = new RootCommand("A web server whose listen queue you can set, see and trust. Without a command it serves ./pages on 127.0.0.1:7878.");
ServeCommand.AddTo(root);
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(ProxyCommand.Create());
root.Subcommands.Add(QueuesCommand.Create());
root.Subcommands.Add(BacklogCommand.Create());
root.Subcommands.Add(DoctorCommand.Create());
foreach (Command command in ControlCommands.Create()) root.Subcommands.Add(command);
root.Subcommands.Add(UpgradeCommand.Create());
root.Subcommands.Add(BurstCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(CompletionCommand.Create());
root.Subcommands.Add(ManPageCommand.Create());

// An argument that begins with @ is the name of an abstract Unix socket, and not a file of arguments.
ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (CommandLineMistake.In(parsed, args) is { } mistake)
{
    Console.Error.WriteLine($"rcomm: {mistake}");
    return ExitCodes.WrongConfiguration;
}
var invocation = new InvocationConfiguration();
// A server and a burst take their signals themselves; every other command is cancelled by them.
if (parsed.CommandResult.Command is RootCommand or { Name: "serve" or "proxy" or "burst" }) invocation.ProcessTerminationTimeout = null;
return await parsed.InvokeAsync(invocation);
