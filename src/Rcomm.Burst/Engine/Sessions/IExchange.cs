namespace Rcomm.Burst.Engine.Sessions;

/// <summary>The protocol of one connection: the request, and as much of the response as is needed to know its end.</summary>
internal interface IExchange
{
    /// <summary>Sends the request and follows the response until the connection is closed.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    Task RunAsync(Session session, Stream stream);

    /// <summary>Sends a ping, if the protocol has pings that are measured.</summary>
    void Ping();

    /// <summary>Tells the server that the connection ends, if the protocol allows and without waiting.</summary>
    void Leave();
}
