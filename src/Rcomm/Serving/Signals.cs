using System.Runtime.InteropServices;

namespace Rcomm.Serving;

/// <summary>
/// SIGTERM and SIGINT (Ctrl-C): the first asks the server to stop, a second ends the process at once. SIGHUP: the settings are read again.
/// SIGUSR1: log files are opened anew, after they were moved away.
/// </summary>
internal sealed class Signals : IDisposable
{
    // .NET has no name for it; a positive number is the system's own.
    private static readonly PosixSignal UserSignal1 = (PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30);

    private readonly RunningServer _server;
    private readonly PosixSignalRegistration[] _registrations;

    public Signals(RunningServer server, Action reopenLogs)
    {
        _server = server;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, "SIGINT")),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload),
            PosixSignalRegistration.Create(UserSignal1, context =>
            {
                context.Cancel = true;
                reopenLogs();
            }),
        ];
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void Stop(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (_server.Stop(name)) return;

        Console.Error.WriteLine($"{name}: stopping at once.");
        Environment.Exit(ExitCodes.Failed);
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        _server.Reload();
    }
}
