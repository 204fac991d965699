using System.CommandLine;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm proxy URL</c>: runs the server in front of another service.</summary>
internal static class ProxyCommand
{
    public const string Name = "proxy";

    public static Command Create()
    {
        var command = new Command(Name, "Run in front of another service and absorb its bursts");
        CommandLineSettings.AddToProxy(command);
        command.SetAction((parsed, _) => ServeCommand.RunAsync(() => Read(parsed)));
        return command;
    }

    private static SettingSources Read(ParseResult parsed)
    {
        SettingSources sources = CommandLineSettings.Read(parsed);
        if (ProxySettingsBinder.Read(sources).Count == 0)
            throw new ConfigurationException("UPSTREAM is missing. Write where the service is, e.g. rcomm proxy :3000 or rcomm proxy unix:/run/app.sock.");
        return sources;
    }
}
