namespace Rcomm.Burst.Engine.Sessions;

/// <summary>What is said on one connection: the request, and the answer as far as it takes to know its end.</summary>
internal interface IExchange
{
    /// <summary>Sends the request and follows the answer until the connection is closed.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    Task RunAsync(Session session, Stream stream);

    /// <summary>Sends a ping, where the protocol has one that is measured.</summary>
    void Ping();

    /// <summary>Tells the server, as far as the protocol allows and without waiting, that the connection ends.</summary>
    void Leave();
}
