using System.Net;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel;

/// <summary>
/// Names an open <see cref="ListenSocket"/> to Kestrel: <c>kestrel.Listen(new ListenSocketEndPoint(socket))</c>. Kestrel takes the
/// socket over and closes it, after draining its queue, when the server stops.
/// </summary>
public sealed class ListenSocketEndPoint(ListenSocket socket) : EndPoint
{
    /// <summary>The socket whose connections Kestrel is to serve.</summary>
    public ListenSocket Socket { get; } = socket;

    /// <summary>The address it listens on.</summary>
    public override string ToString() => Socket.Address.ToString();
}
