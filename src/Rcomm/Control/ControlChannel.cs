using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.Control;

/// <summary>One connection to a control socket: messages of four bytes of length (big-endian) and JSON, with sockets beside them.</summary>
internal sealed class ControlChannel(Socket socket) : IDisposable
{
    private const int MaxMessageLength = 4 << 20;

    /// <summary>Connects to a server's control socket.</summary>
    /// <exception cref="SocketException">Nobody listens there, or this user may not connect.</exception>
    public static ControlChannel Connect(string path, TimeSpan patience)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)patience.TotalMilliseconds,
            SendTimeout = (int)patience.TotalMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new ControlChannel(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message, and sockets beside it.</summary>
    /// <exception cref="SocketException">The peer is gone.</exception>
    public void Send(ControlMessage message, IReadOnlyList<ListenSocket>? sockets = null)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.ControlMessage);
        byte[] framed = new byte[sizeof(int) + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, json.Length);
        json.CopyTo(framed, sizeof(int));
        SocketPassing.Send(socket, framed, sockets ?? []);
    }

    /// <summary>Receives a message and the descriptors beside it; from a peer of another version its <see cref="ControlHead"/> alone, as <see cref="ControlKind.Refused"/>.</summary>
    /// <exception cref="IOException">The peer is gone, is silent for too long, or does not speak this protocol.</exception>
    public ControlMessage Receive(out List<SafeSocketHandle> descriptors)
    {
        descriptors = [];
        try
        {
            byte[] length = new byte[sizeof(int)];
            SocketPassing.Receive(socket, length, descriptors);
            int size = BinaryPrimitives.ReadInt32BigEndian(length);
            if (size is <= 0 or > MaxMessageLength) throw new IOException("the peer does not speak rcomm's control protocol");

            byte[] json = new byte[size];
            SocketPassing.Receive(socket, json, descriptors);
            ControlHead? head = JsonSerializer.Deserialize(json, ControlJson.Default.ControlHead);
            // Of another version nothing else may be read: it may have kinds that this one does not know.
            if (head is { Version: not ControlMessage.CurrentVersion }) return new(head.Version, ControlKind.Refused, head.Text ?? $"it speaks version {head.Version} of the control protocol, this program {ControlMessage.CurrentVersion}");
            return JsonSerializer.Deserialize(json, ControlJson.Default.ControlMessage) ?? throw new IOException("the peer sent an empty message");
        }
        catch (Exception e) when (e is SocketException or JsonException or EndOfStreamException)
        {
            throw new IOException($"the control connection failed: {e.Message}", e);
        }
    }

    public void Dispose() => socket.Dispose();
}
