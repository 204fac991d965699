using System.CommandLine;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm serve [ROOT]</c>, also the default command.</summary>
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

    /// <summary>Runs the server. Returns the process's exit code.</summary>
    /// <param name="readSettings">Reads the command line, the environment and the file.</param>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static Task<int> RunAsync(Func<SettingSources> readSettings)
    {
        // Checked before the runtime fails to open an assembly or start a thread.
        if ((ProcessLimits.TooFewFiles() ?? ProcessLimits.TooFewThreads()) is not { } tooFew) return ServerRun.RunAsync(readSettings);
        Console.Error.WriteLine($"rcomm: {tooFew}");
        return Task.FromResult(ExitCodes.Failed);
    }
}
