namespace Rcomm.Server;

/// <summary>
/// The single request to stop, whether from a signal, the control socket, or the process that takes over. It can be made before the server serves.
/// </summary>
internal sealed class StopSignal
{
    private readonly TaskCompletionSource<string> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when a stop is requested.</summary>
    public Task<string> Requested => _made.Task;

    /// <summary>Requests a graceful stop. Returns false if a stop was already requested.</summary>
    public bool Make(string reason) => _made.TrySetResult(reason);
}
