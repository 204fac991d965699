using System.CommandLine;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm serve [ROOT]</c>, which is also what <c>rcomm</c> alone does.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Serve a folder of pages (the default command)");
        AddTo(command);
        return command;
    }

    /// <summary>Gives a command the settings and the action of serve.</summary>
    public static void AddTo(Command command)
    {
        CommandLineSettings.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed));
    }

    /// <summary>Serves with what the command line, the environment and the file say; returns the process's exit code.</summary>
    public static async Task<int> RunAsync(ParseResult parsed)
    {
        try
        {
            return await ServerRun.RunAsync(() => CommandLineSettings.Read(parsed));
        }
        catch (ConfigurationException e)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return ExitCodes.WrongConfiguration;
        }
    }
}
