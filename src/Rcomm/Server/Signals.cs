using System.Diagnostics;
using System.Runtime.InteropServices;
using Rcomm.Cli;

namespace Rcomm.Server;

/// <summary>
/// SIGTERM and SIGINT (Ctrl-C): the first asks the server to stop, a second ends the process at once. SIGHUP: the settings are read again.
/// SIGUSR1: log files are opened anew, after they were moved away. Taken before the sockets are opened, so that none meets the system's default
/// and ends the process while connections wait.
/// </summary>
internal sealed class Signals : IDisposable
{
    // .NET has no name for it; a positive number is the system's own.
    private static readonly PosixSignal UserSignal1 = (PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30);

    // timeout(1) sends its signal twice, to the process and to its group. A person takes longer.
    private static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(50);

    private readonly StopSignal _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private long _first;

    public Signals(StopSignal stop)
    {
        _stop = stop;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, "SIGINT")),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Do(context, Reload)),
            PosixSignalRegistration.Create(UserSignal1, context => Do(context, ReopenLogs)),
        ];
    }

    /// <summary>What SIGHUP does; nothing until it is set.</summary>
    public Action? Reload { get; set; }

    /// <summary>What SIGUSR1 does; nothing until it is set.</summary>
    public Action? ReopenLogs { get; set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void Stop(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0) is not 0 and long first && Stopwatch.GetElapsedTime(first) < SameSignal) return;
        if (_stop.Make(name)) return;

        Console.Error.WriteLine($"{name}: stopping at once.");
        Environment.Exit(ExitCodes.Failed);
    }

    private static void Do(PosixSignalContext context, Action? action)
    {
        context.Cancel = true;
        action?.Invoke();
    }
}
