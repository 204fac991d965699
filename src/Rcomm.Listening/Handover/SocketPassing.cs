using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>Hands listening sockets to another process over a connected Unix socket. Linux only.</summary>
public static class SocketPassing
{
    /// <summary>The most sockets that one message carries.</summary>
    public const int Max = DescriptorPassing.Max;

    /// <summary>Sends bytes, and the sockets beside the first of them. Both processes hold them from then on.</summary>
    /// <exception cref="SocketException">The other process is gone.</exception>
    /// <exception cref="ArgumentException">There are more than <see cref="Max"/>.</exception>
    public static void Send(Socket channel, ReadOnlySpan<byte> bytes, IReadOnlyList<ListenSocket> sockets)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(sockets);
        if (sockets.Count > Max) throw new ArgumentException($"More than {Max} sockets cannot be handed over.", nameof(sockets));

        Span<int> descriptors = stackalloc int[sockets.Count];
        for (int i = 0; i < sockets.Count; i++) descriptors[i] = (int)sockets[i].Socket.SafeHandle.DangerousGetHandle();
        int sent = DescriptorPassing.Send(channel, bytes, descriptors);
        while (sent < bytes.Length) sent += channel.Send(bytes[sent..]);
        GC.KeepAlive(sockets);
    }

    /// <summary>Fills the buffer, and adds the descriptors that came with the bytes.</summary>
    /// <exception cref="EndOfStreamException">The other process closed the channel before the buffer was full.</exception>
    /// <exception cref="SocketException">The other process is gone, or said nothing within the channel's time limit.</exception>
    public static void Receive(Socket channel, Span<byte> bytes, List<SafeSocketHandle> descriptors)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(descriptors);
        while (bytes.Length > 0)
        {
            int received = DescriptorPassing.Receive(channel, bytes, descriptors);
            if (received == 0) throw new EndOfStreamException("The other process closed the control socket.");
            bytes = bytes[received..];
        }
    }

    /// <summary>The process and user at the other end of a Unix socket, as the kernel noted them at connect (unix(7), SO_PEERCRED).</summary>
    /// <exception cref="SocketException">It is no connected Unix socket.</exception>
    public static (int Process, uint User) PeerOf(Socket channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Span<uint> credentials = stackalloc uint[3];
        SocketOption.PeerCredentials.Get(channel, MemoryMarshal.AsBytes(credentials));
        return ((int)credentials[0], credentials[1]);
    }

    /// <summary>The user this process acts as (geteuid(2)).</summary>
    public static uint OwnUser => Identity.EffectiveUser();
}
