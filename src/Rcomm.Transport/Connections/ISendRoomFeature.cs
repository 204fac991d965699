using System.IO.Pipelines;

namespace Rcomm.Transport.Connections;

/// <summary>The room in the send buffer of a connection.</summary>
public interface ISendRoomFeature
{
    /// <summary>
    /// Waits until the kernel takes at least 64 KiB without a wait (half of <c>TCP_NOTSENT_LOWAT</c>), the connection ends or the token is cancelled. Not for
    /// use while a flush is pending. Allocates nothing. The result's <see cref="FlushResult.IsCompleted"/> is true if the connection is broken.
    /// If the event loop runs handlers, it also runs what follows a wait, which must not block then. Now and then, a call waits although there is room: the
    /// loop serves its other connections meanwhile.
    /// </summary>
    ValueTask<FlushResult> WaitForRoomAsync(CancellationToken cancellationToken);
}
