using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>A listening TCP socket as reported by inet_diag; drops are null if the kernel doesn't report them.</summary>
internal readonly record struct InetDiagSocket(IPEndPoint Local, bool IPv6Only, uint Inode, uint Uid, int Depth, int Backlog, uint? Drops);

/// <summary>Reads listening TCP sockets with inet_diag (sock_diag(7), include/uapi/linux/inet_diag.h), as <c>ss -ltnm</c> does.</summary>
internal static class InetDiag
{
    private const ushort MemInfoAttribute = 7;
    private const ushort V6OnlyAttribute = 11;

    /// <summary>Reads every listening TCP socket in this network namespace, or those on one port.</summary>
    /// <exception cref="SockDiagException">The kernel refused.</exception>
    public static List<InetDiagSocket> Read(SafeNetlinkHandle netlink, ushort port = 0)
    {
        List<InetDiagSocket> sockets = [];
        foreach (byte family in (ReadOnlySpan<byte>)[SocketFamily.Inet, SocketFamily.Inet6])
        {
            var request = new Request
            {
                Family = family,
                Protocol = SocketOption.Tcp,
                Extensions = 1 << (MemInfoAttribute - 1),
                States = NetlinkQuery.Listening,
                SourcePort = BinaryPrimitives.ReverseEndianness(port),
                Cookie = ulong.MaxValue,
            };
            int before = sockets.Count;
            NetlinkQuery.Ask(netlink, in request, dump: true,
                () => sockets.RemoveRange(before, sockets.Count - before),
                payload => sockets.Add(Parse(payload)));
        }
        return sockets;
    }

    private static InetDiagSocket Parse(ReadOnlySpan<byte> payload)
    {
        ref readonly Message message = ref MemoryMarshal.AsRef<Message>(payload);
        ReadOnlySpan<byte> address = payload.Slice(Message.AddressOffset, message.Family == SocketFamily.Inet ? 4 : 16);
        uint? drops = null;
        bool v6Only = false;
        var attributes = new Attributes(payload[Unsafe.SizeOf<Message>()..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == MemInfoAttribute && attributes.Value.Length > MemInfo.Drops * sizeof(uint))
                drops = MemoryMarshal.Read<uint>(attributes.Value[(MemInfo.Drops * sizeof(uint))..]);
            else if (attributes.Type == V6OnlyAttribute)
                v6Only = attributes.Value is [not 0, ..];
        }
        var local = new IPEndPoint(new IPAddress(address), BinaryPrimitives.ReverseEndianness(message.SourcePort));
        return new(local, v6Only, message.Inode, message.Uid, (int)message.ReceiveQueue, (int)message.WriteQueue, drops);
    }

    /// <summary><c>struct inet_diag_req_v2</c>; ports are in network byte order.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 56)]
    internal struct Request
    {
        [FieldOffset(0)] public byte Family;
        [FieldOffset(1)] public byte Protocol;
        [FieldOffset(2)] public byte Extensions;
        [FieldOffset(4)] public uint States;
        [FieldOffset(8)] public ushort SourcePort;
        [FieldOffset(48)] public ulong Cookie;
    }

    /// <summary><c>struct inet_diag_msg</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    internal struct Message
    {
        public const int AddressOffset = 8;

        [FieldOffset(0)] public byte Family;
        [FieldOffset(4)] public ushort SourcePort;
        [FieldOffset(56)] public uint ReceiveQueue;
        [FieldOffset(60)] public uint WriteQueue;
        [FieldOffset(64)] public uint Uid;
        [FieldOffset(68)] public uint Inode;
    }
}
