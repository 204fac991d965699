using System.CommandLine;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm proxy URL</c>: the server with another service behind it.</summary>
internal static class ProxyCommand
{
    public static Command Create()
    {
        var command = new Command("proxy", "Stand before another service: its bursts wait in rcomm's queue, and it gets them a few at a time");
        CommandLineSettings.AddToProxy(command);
        command.SetAction((parsed, _) => ServeCommand.RunAsync(parsed));
        return command;
    }
}
