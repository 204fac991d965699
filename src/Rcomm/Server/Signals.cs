using System.Diagnostics;
using System.Runtime.InteropServices;
using Rcomm.Cli;

namespace Rcomm.Server;

/// <summary>
/// Handles signals. SIGTERM and SIGINT (Ctrl-C): the first requests a stop, the second ends the process immediately. SIGHUP: reads the settings again.
/// SIGUSR1: reopens log files after they were moved. Registered before the sockets are opened, so that no signal has its default effect and ends the
/// process while connections wait.
/// </summary>
internal sealed class Signals : IDisposable
{
    // .NET has no name for it; a positive number is the system's own.
    private static readonly PosixSignal UserSignal1 = (PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30);

    // timeout(1) sends its signal twice, to the process and to its group. A person takes longer.
    private static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MessageTimeout = TimeSpan.FromMilliseconds(200);

    private readonly StopSignal _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly PendingAction _reload = new();
    private readonly PendingAction _reopenLogs = new();
    private long _first;

    public Signals(StopSignal stop)
    {
        _stop = stop;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, "SIGINT")),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Request(context, _reload)),
            PosixSignalRegistration.Create(UserSignal1, context => Request(context, _reopenLogs)),
        ];
    }

    /// <summary>Sets what SIGHUP does. Runs it now if the signal has already arrived.</summary>
    public void OnReload(Action reload) => _reload.Set(reload);

    /// <summary>Sets what SIGUSR1 does. Runs it now if the signal has already arrived.</summary>
    public void OnReopenLogs(Action reopenLogs) => _reopenLogs.Set(reopenLogs);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void Stop(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0) is not 0 and long first
            && Stopwatch.GetElapsedTime(first) < SameSignal) return;
        if (_stop.Make(name)) return;

        // For a terminal; a pipe without a reader must not keep the process from exiting.
        _ = Task.Run(() => Console.Error.WriteLine($"{name}: stopping at once.")).Wait(MessageTimeout);
        Environment.Exit(ExitCodes.Failed);
    }

    private static void Request(PosixSignalContext context, PendingAction action)
    {
        context.Cancel = true;
        action.Request();
    }

    // An action that can be requested before it is set.
    private sealed class PendingAction
    {
        private readonly Lock _lock = new();
        private Action? _action;
        private bool _isAsked;

        public void Request()
        {
            lock (_lock)
            {
                if (_action is null) _isAsked = true;
                else _action();
            }
        }

        public void Set(Action action)
        {
            lock (_lock)
            {
                _action = action;
                if (_isAsked) action();
            }
        }
    }
}
