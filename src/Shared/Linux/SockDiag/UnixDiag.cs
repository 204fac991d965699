using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>A listening Unix socket as reported by unix_diag; a name in the abstract namespace starts with <c>@</c>.</summary>
internal readonly record struct UnixDiagSocket(uint Inode, string Name, int Depth, int Backlog, uint? Uid);

/// <summary>Reads the queues of Unix sockets, which have no <c>TCP_INFO</c>, with unix_diag (sock_diag(7), include/uapi/linux/unix_diag.h).</summary>
internal static class UnixDiag
{
    private const uint ShowName = 0x01;
    private const uint ShowQueue = 0x10;
    private const uint ShowUid = 0x40;
    private const ushort NameAttribute = 0;
    private const ushort QueueAttribute = 4;
    private const ushort UidAttribute = 7;

    /// <summary>Reads every listening Unix socket in this network namespace.</summary>
    /// <exception cref="SockDiagException">The kernel refused.</exception>
    public static List<UnixDiagSocket> ReadAll(SafeNetlinkHandle netlink)
    {
        var request = new Request
        {
            Family = SocketFamily.Unix,
            States = NetlinkQuery.Listening,
            Show = ShowName | ShowQueue | ShowUid,
            Cookie = ulong.MaxValue,
        };
        List<UnixDiagSocket> sockets = [];
        NetlinkQuery.Ask(netlink, in request, dump: true, sockets.Clear, payload => sockets.Add(Parse(payload)));
        return sockets;
    }

    /// <summary>Reads the listening socket with this inode; null if there is none.</summary>
    /// <exception cref="SockDiagException">The kernel refused.</exception>
    public static UnixDiagSocket? Read(SafeNetlinkHandle netlink, ulong inode)
    {
        var request = new Request { Family = SocketFamily.Unix, States = uint.MaxValue, Inode = (uint)inode, Show = ShowQueue, Cookie = ulong.MaxValue };
        UnixDiagSocket? found = null;
        NetlinkQuery.Ask(netlink, in request, dump: false, () => found = null, payload => found = Parse(payload));
        return found;
    }

    private static UnixDiagSocket Parse(ReadOnlySpan<byte> payload)
    {
        var message = MemoryMarshal.Read<Message>(payload);
        var attributes = new Attributes(payload[Unsafe.SizeOf<Message>()..]);
        var socket = new UnixDiagSocket(message.Inode, "", 0, 0, null);
        while (attributes.MoveNext())
        {
            socket = attributes.Type switch
            {
                NameAttribute => socket with { Name = NameOf(attributes.Value) },
                QueueAttribute => socket with { Depth = MemoryMarshal.Read<int>(attributes.Value), Backlog = MemoryMarshal.Read<int>(attributes.Value[4..]) },
                UidAttribute => socket with { Uid = MemoryMarshal.Read<uint>(attributes.Value) },
                _ => socket,
            };
        }
        return socket;
    }

    private static string NameOf(ReadOnlySpan<byte> name) =>
        name is [0, ..] ? "@" + Encoding.UTF8.GetString(name[1..]) : Encoding.UTF8.GetString(name).TrimEnd('\0');

    /// <summary><c>struct unix_diag_req</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    internal struct Request
    {
        [FieldOffset(0)] public byte Family;
        [FieldOffset(4)] public uint States;
        [FieldOffset(8)] public uint Inode;
        [FieldOffset(12)] public uint Show;
        [FieldOffset(16)] public ulong Cookie;
    }

    /// <summary><c>struct unix_diag_msg</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct Message
    {
        [FieldOffset(4)] public uint Inode;
    }
}
