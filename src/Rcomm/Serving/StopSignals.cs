using System.Runtime.InteropServices;

namespace Rcomm.Serving;

/// <summary>SIGTERM and SIGINT (Ctrl-C): the first asks the server to stop, the second ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Receive(context, "SIGTERM")),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Receive(context, "SIGINT")),
    ];

    /// <summary>Completes at the first signal, with its name.</summary>
    public Task<string> First => _first.Task;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void Receive(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (_first.TrySetResult(name)) return;

        Console.Error.WriteLine($"{name} again: stopping at once.");
        Environment.Exit(ExitCodes.Failed);
    }
}
