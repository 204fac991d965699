using System.IO.Pipelines;
using System.Net;

namespace Rcomm.Transport.Connections;

/// <summary>A connection that this process opened.</summary>
public interface IOutgoingConnection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>Returns true if the peer has closed an idle connection or sent data without a request.</summary>
    /// <param name="isExact">True to ask the kernel; false to use the last event, which costs nothing but may be slightly out of date.</param>
    bool IsOver(bool isExact);

    /// <summary>Closes the sending side. Data already written still arrives.</summary>
    ValueTask EndSendingAsync();
}

/// <summary>Opens connections on the event loop of the client's connection, so that forwarding between the two needs no thread switch.</summary>
public interface IOutgoingFeature
{
    /// <summary>Gets the number of the event loop, from 0 and below the number of processors.</summary>
    int Loop { get; }

    /// <summary>Connects to an address.</summary>
    /// <exception cref="IOException">The connection failed; the message is the kernel's.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, e.g. because the time limit was over.</exception>
    Task<IOutgoingConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken);
}
