namespace Rcomm.Transport.Connections;

/// <summary>The event loop that reads a connection.</summary>
public interface IEventLoopFeature
{
    /// <summary>Starts work on the loop's thread, where the connection's later reads continue too.</summary>
    /// <param name="work">The work, which must not block.</param>
    Task RunAsync(Func<Task> work);
}
