using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>
/// Messages over a connected Unix socket, with listening sockets beside them: four bytes of length (big-endian), then the message. A call
/// that a signal or SIGSTOP interrupts goes on. Linux only.
/// </summary>
public sealed class MessageChannel : IDisposable
{
    /// <summary>The most sockets that one message carries (SCM_MAX_FD).</summary>
    public const int MaxSockets = DescriptorPassing.Max;

    private const int MaxLength = 4 << 20;

    // Version 1 of UseListenQueue's takeover began with its version in a byte, and tells an operator when it meets another one.
    private static readonly byte[] RefusalToVersion1 = [HandoverProtocol.Version, 0, 0, 0, 0];

    private readonly Socket _socket;

    /// <summary>A channel over a connected socket, which becomes its own.</summary>
    public MessageChannel(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
    }

    /// <summary>How long a message may take, both ways. <see cref="Timeout.InfiniteTimeSpan"/> (default) for ever.</summary>
    public TimeSpan MessageTimeout
    {
        set => _socket.ReceiveTimeout = _socket.SendTimeout = value == Timeout.InfiniteTimeSpan ? 0 : (int)value.TotalMilliseconds;
    }

    /// <summary>The process and user at the other end, as the kernel noted them at connect (unix(7), SO_PEERCRED).</summary>
    public (int Process, uint User) Peer
    {
        get
        {
            Span<uint> credentials = stackalloc uint[3];
            SocketOption.PeerCredentials.Get(_socket, MemoryMarshal.AsBytes(credentials));
            return ((int)credentials[0], credentials[1]);
        }
    }

    /// <summary>True where the other process runs as the same user as this one, or as root.</summary>
    public bool IsPeerTrusted => Peer.User is var user && (user == 0 || user == OwnUser);

    /// <summary>The user this process acts as (geteuid(2)).</summary>
    public static uint OwnUser => Identity.EffectiveUser();

    /// <summary>Connects to a Unix socket.</summary>
    /// <exception cref="SocketException">Nobody listens there, or this user may not connect.</exception>
    public static MessageChannel Connect(string path, TimeSpan messageTimeout)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var channel = new MessageChannel(socket) { MessageTimeout = messageTimeout };
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return channel;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message, and sockets beside it: both processes hold them from then on.</summary>
    /// <exception cref="SocketException">The other process is gone.</exception>
    /// <exception cref="ArgumentException">There are more sockets than <see cref="MaxSockets"/>.</exception>
    public void Send(ReadOnlySpan<byte> message, IReadOnlyList<ListenSocket>? sockets = null)
    {
        sockets ??= [];
        if (sockets.Count > MaxSockets) throw new ArgumentException($"More than {MaxSockets} sockets cannot be handed over.", nameof(sockets));

        byte[] framed = new byte[sizeof(int) + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, message.Length);
        message.CopyTo(framed.AsSpan(sizeof(int)));
        Span<int> descriptors = stackalloc int[sockets.Count];
        for (int i = 0; i < sockets.Count; i++) descriptors[i] = (int)sockets[i].Socket.SafeHandle.DangerousGetHandle();
        int sent = DescriptorPassing.Send(_socket, framed, descriptors);
        while (sent < framed.Length) sent += DescriptorPassing.Send(_socket, framed.AsSpan(sent), []);
        GC.KeepAlive(sockets);
    }

    /// <summary>Receives a message.</summary>
    /// <param name="descriptors">Gets the descriptors that came with it; null (default) closes them at once.</param>
    /// <exception cref="EndOfStreamException">The other process has closed the channel.</exception>
    /// <exception cref="IOException">It is silent for too long, or sends something else.</exception>
    public byte[] Receive(List<SafeSocketHandle>? descriptors = null)
    {
        byte[] length = new byte[sizeof(int)];
        Fill(length, descriptors);
        int size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is <= 0 or > MaxLength)
        {
            if (length[0] == 1) _ = DescriptorPassing.Send(_socket, RefusalToVersion1, []);
            throw new IOException("the other process does not speak rcomm's protocol");
        }
        byte[] message = new byte[size];
        Fill(message, descriptors);
        return message;
    }

    /// <summary>Ends both directions: whoever waits here or at the other end sees the end of the stream.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other end is gone already.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private void Fill(Span<byte> bytes, List<SafeSocketHandle>? descriptors)
    {
        try
        {
            while (bytes.Length > 0)
            {
                int received = DescriptorPassing.Receive(_socket, bytes, descriptors);
                if (received == 0) throw new EndOfStreamException("the other process has closed the connection");
                bytes = bytes[received..];
            }
        }
        // What the other process left unread when it ended makes the end a reset.
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            throw new EndOfStreamException("the other process has closed the connection", e);
        }
        catch (SocketException e)
        {
            throw new IOException(e.SocketErrorCode == SocketError.WouldBlock ? "the other process did not answer in time" : e.Message, e);
        }
    }
}
