using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>
/// Sends and receives messages over a connected Unix socket, along with listening sockets. A message is its length in four bytes (big-endian), then
/// its content. Calls interrupted by a signal or SIGSTOP are continued. Linux only.
/// </summary>
public sealed class MessageChannel : IDisposable
{
    /// <summary>The maximum number of sockets in one message (SCM_MAX_FD).</summary>
    public const int MaxSockets = DescriptorPassing.Max;

    private const int MaxLength = 4 << 20;

    // Version 1 of UseListenQueue's takeover began with a version byte, and tells the operator when the versions differ.
    private static readonly byte[] RefusalToVersion1 = [HandoverProtocol.Version, 0, 0, 0, 0];

    private readonly Socket _socket;

    /// <summary>Initializes a channel that owns a connected socket.</summary>
    public MessageChannel(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
    }

    /// <summary>Sets how long sending or receiving a message may take. <see cref="Timeout.InfiniteTimeSpan"/> (default) for no limit.</summary>
    public TimeSpan MessageTimeout
    {
        set => _socket.ReceiveTimeout = _socket.SendTimeout = value == Timeout.InfiniteTimeSpan ? 0 : (int)value.TotalMilliseconds;
    }

    /// <summary>Gets the process and user at the other end, as recorded by the kernel at connect (unix(7), SO_PEERCRED).</summary>
    public (int Process, uint User) Peer
    {
        get
        {
            Span<uint> credentials = stackalloc uint[3];
            SocketOption.PeerCredentials.Get(_socket, MemoryMarshal.AsBytes(credentials));
            return ((int)credentials[0], credentials[1]);
        }
    }

    /// <summary>Gets whether the other process runs as the same user as this one, or as root.</summary>
    public bool IsPeerTrusted => Peer.User is var user && (user == 0 || user == OwnUser);

    /// <summary>Gets the effective user of this process (geteuid(2)).</summary>
    public static uint OwnUser => Identity.EffectiveUser();

    /// <summary>Connects to a Unix socket.</summary>
    /// <exception cref="SocketException">Nothing listens there, or this user may not connect.</exception>
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

    /// <summary>Sends a message and passes sockets along with it; both processes then hold them.</summary>
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
    /// <param name="descriptors">Receives the passed descriptors; null (default) closes them immediately.</param>
    /// <exception cref="EndOfStreamException">The other process has closed the channel.</exception>
    /// <exception cref="IOException">The message timed out or isn't valid.</exception>
    public byte[] Receive(List<SafeSocketHandle>? descriptors = null)
    {
        byte[] length = new byte[sizeof(int)];
        Fill(length, descriptors);
        int size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is <= 0 or > MaxLength)
        {
            if (length[0] == 1) _ = DescriptorPassing.Send(_socket, RefusalToVersion1, []);
            throw new IOException("the other process doesn't use rcomm's protocol");
        }
        byte[] message = new byte[size];
        Fill(message, descriptors);
        return message;
    }

    /// <summary>Ends both directions: pending reads at both ends see the end of the stream.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other end is already gone.
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
        // A process that exits with unread data sends a reset instead of the end of the stream.
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
