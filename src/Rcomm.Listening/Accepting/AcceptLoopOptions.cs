namespace Rcomm.Listening.Accepting;

/// <summary>How an <see cref="AcceptLoop"/> accepts, and what it does if there is no place for a connection.</summary>
public sealed class AcceptLoopOptions
{
    /// <summary>Gets how to accept. <see cref="AcceptMethod.Accept4"/>, the default, is used if this system doesn't support the method.</summary>
    public AcceptMethod Method { get; init; } = AcceptMethod.Accept4;

    /// <summary>Gets the limit of open connections. Null (default) for no limit.</summary>
    public ConnectionLimit? Limit { get; init; }

    /// <summary>
    /// Gets a callback that takes ownership of connections past the limit, and closes them. Called on the loop's thread, so it must not block. Null
    /// (default) leaves them in the listen queue until there is room.
    /// </summary>
    public Action<AcceptedConnection>? TurnAway { get; init; }

    /// <summary>
    /// Gets a function that closes idle connections; it returns true if some are about to be closed. Called on the loop's thread if a connection waits
    /// and there is no place or descriptor for it, so it must not block. Null (default) if nothing can be closed.
    /// </summary>
    public Func<bool>? MakeRoom { get; init; }
}
