using System.CommandLine;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm serve [ROOT]</c>, which is also what <c>rcomm</c> alone does.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create()
    {
        var command = new Command(Name, "Serve a folder of pages (the default command)");
        CommandLineSettings.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(() => CommandLineSettings.Read(parsed)));
        return command;
    }

    /// <summary>Serves; returns the process's exit code.</summary>
    /// <param name="readSettings">Reads what the command line, the environment and the file say.</param>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static Task<int> RunAsync(Func<SettingSources> readSettings)
    {
        // Before the runtime fails to open an assembly or to start a thread.
        if ((ProcessLimits.TooFewFiles() ?? ProcessLimits.TooFewThreads()) is not { } tooFew) return ServerRun.RunAsync(readSettings);
        Console.Error.WriteLine($"rcomm: {tooFew}");
        return Task.FromResult(ExitCodes.Failed);
    }
}
