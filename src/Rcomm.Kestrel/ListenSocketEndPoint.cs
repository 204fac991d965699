using System.Net;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel;

/// <summary>
/// An endpoint that lets Kestrel listen on an open <see cref="ListenSocket"/>: <c>kestrel.Listen(new ListenSocketEndPoint(socket))</c>. Kestrel owns
/// the socket: when the server stops, it drains the queue and closes it.
/// </summary>
public sealed class ListenSocketEndPoint(ListenSocket socket) : EndPoint
{
    /// <summary>Gets the socket whose connections Kestrel serves.</summary>
    public ListenSocket Socket { get; } = socket;

    /// <summary>Returns the address that the socket listens on.</summary>
    public override string ToString() => Socket.Address.ToString();
}
