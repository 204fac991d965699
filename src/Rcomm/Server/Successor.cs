using System.ComponentModel;
using System.Diagnostics;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>
/// Starts the program that is now on disk, which takes over from the running server. An upgrade thus stays inside the service unit, or the container's
/// user and limits.
/// </summary>
internal sealed class Successor
{
    private const int FirstOfContainer = 1;
    private const string WatchdogProcess = "WATCHDOG_PID";

    // Read at startup: once the file is replaced, the process no longer has a path.
    private readonly string? _program = Environment.ProcessPath;
    private readonly string[] _arguments = Environment.GetCommandLineArgs();

    /// <summary>Starts the program.</summary>
    /// <param name="control">The control socket through which it takes over, if no setting names it; otherwise null.</param>
    /// <param name="whyNot">Why it could not be started, as a sentence.</param>
    /// <returns>Its process id; null if it could not be started.</returns>
    public int? TryStart(string? control, out string whyNot)
    {
        whyNot = "";
        if (Environment.ProcessId == FirstOfContainer)
        {
            whyNot = "This server is process 1 of its container, which ends with it. Start a new container instead.";
            return null;
        }
        if (_program is null)
        {
            whyNot = "The path of this program isn't known.";
            return null;
        }
        var start = new ProcessStartInfo(_program, Arguments());
        // It names the process that systemd's watchdog monitors; the new process gets that role with MAINPID.
        start.Environment.Remove(WatchdogProcess);
        if (control is not null) start.Environment[ListeningGroup.Control.Variable] = control;
        try
        {
            using Process? process = Process.Start(start);
            return process?.Id;
        }
        catch (Win32Exception e)
        {
            whyNot = $"{_program} can't be started: {e.Message}.";
            return null;
        }
    }

    // If built but not published, the program is a .dll, run by dotnet or by a launcher next to it.
    private IEnumerable<string> Arguments()
    {
        bool isRunByDotnet = Path.GetFileNameWithoutExtension(_program) == "dotnet";
        IEnumerable<string> own = _arguments.Skip(isRunByDotnet ? 0 : 1);
        return own.Contains(ShutdownGroup.Takeover.Flag) ? own : own.Append(ShutdownGroup.Takeover.Flag);
    }
}
