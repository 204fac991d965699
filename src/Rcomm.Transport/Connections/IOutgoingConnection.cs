using System.IO.Pipelines;
using System.Net;

namespace Rcomm.Transport.Connections;

/// <summary>A connection that this process opened.</summary>
public interface IOutgoingConnection : IDuplexPipe, IAsyncDisposable
{
    /// <summary>Tells whether the peer has ended an idle connection, or sent something that nobody asked for.</summary>
    /// <param name="isExact">
    /// True to ask the kernel; false to rely on what the event loop was told so far, which costs nothing and may be a moment old.
    /// </param>
    bool IsOver(bool isExact);

    /// <summary>Tells the peer that nothing more comes; what was sent still arrives.</summary>
    ValueTask EndSendingAsync();
}

/// <summary>Opens connections on the event loop of a client's connection, so that no thread has to wake another one to forward bytes between them.</summary>
public interface IOutgoingFeature
{
    /// <summary>The number of the event loop, from 0 and below the number of processors.</summary>
    int Loop { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">There is no connection; the message is the kernel's.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    Task<IOutgoingConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken);
}
