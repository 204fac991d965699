namespace Rcomm.Server;

/// <summary>
/// The one wish to stop, whoever has it: a signal, the control socket, or the process that takes over. It can be made before the server
/// serves.
/// </summary>
internal sealed class StopSignal
{
    private readonly TaskCompletionSource<string> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when the server is asked to stop.</summary>
    public Task<string> Requested => _made.Task;

    /// <summary>Asks the server to stop without losing anyone; false where it has been asked before.</summary>
    public bool Make(string reason) => _made.TrySetResult(reason);
}
