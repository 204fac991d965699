using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>The exception thrown if sock_diag can't be used: netlink is forbidden (seccomp, gVisor), or the kernel lacks the module.</summary>
internal sealed class SockDiagException : IOException
{
    public SockDiagException(string message) : base(message)
    {
    }

    public SockDiagException(int errno) : base($"sock_diag: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
    {
    }
}

/// <summary>One request to sock_diag and its answers. Handles the framing of netlink(7), whatever the payload.</summary>
internal static class NetlinkQuery
{
    /// <summary>TCP_LISTEN (include/net/tcp_states.h) as a bit of a query's states; Unix sockets use the same.</summary>
    public const uint Listening = 1 << 10;

    private const ushort SockDiagByFamily = 20;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort Request = 0x01;
    private const ushort Root = 0x100;
    private const ushort Match = 0x200;
    private const ushort DumpInterrupted = 0x10;
    private const int Tries = 5;

    /// <summary>Handles the payload of one answer.</summary>
    public delegate void Answer(ReadOnlySpan<byte> payload);

    /// <summary>
    /// Requests every matching socket, or a single one if <paramref name="dump"/> is false. If the table changed meanwhile (NLM_F_DUMP_INTR), calls
    /// <paramref name="startOver"/> and then gives the answers again from the start.
    /// </summary>
    /// <exception cref="SockDiagException">The kernel refused.</exception>
    public static void Ask<TRequest>(SafeNetlinkHandle socket, in TRequest request, bool dump, Action startOver, Answer answer)
        where TRequest : unmanaged
    {
        Span<byte> message = stackalloc byte[Unsafe.SizeOf<Header>() + Unsafe.SizeOf<TRequest>()];
        var header = new Header
        {
            Length = (uint)message.Length,
            Type = SockDiagByFamily,
            Flags = dump ? (ushort)(Request | Root | Match) : Request,
        };
        MemoryMarshal.Write(message, in header);
        MemoryMarshal.Write(message[Unsafe.SizeOf<Header>()..], in request);

        for (int left = Tries; ; left--)
        {
            startOver();
            if (!socket.TrySend(message)) throw new SockDiagException(Marshal.GetLastPInvokeError());
            bool interrupted = Receive(socket, dump, answer);
            // After this many attempts the table changes faster than it can be read; the last answers are the best available.
            if (!interrupted || left == 1) return;
        }
    }

    private static bool Receive(SafeNetlinkHandle socket, bool dump, Answer answer)
    {
        bool interrupted = false;
        // The kernel sends at most 32 KiB at a time in a dump (net/netlink/af_netlink.c, netlink_dump).
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (true)
            {
                int received = socket.Receive(buffer);
                if (received < 0) throw new SockDiagException(Marshal.GetLastPInvokeError());

                ReadOnlySpan<byte> rest = buffer.AsSpan(0, received);
                while (rest.Length >= Unsafe.SizeOf<Header>())
                {
                    var header = MemoryMarshal.Read<Header>(rest);
                    if (header.Length < Unsafe.SizeOf<Header>() || header.Length > rest.Length) return interrupted;

                    ReadOnlySpan<byte> payload = rest[Unsafe.SizeOf<Header>()..(int)header.Length];
                    interrupted |= (header.Flags & DumpInterrupted) != 0;
                    if (header.Type == Done) return interrupted;
                    if (header.Type == Error) return Refused(payload, dump);
                    answer(payload);
                    if (!dump) return false;
                    rest = rest[Math.Min(rest.Length, Aligned((int)header.Length))..];
                }
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // ENOENT means "no such socket" for a single one, which is an answer, but "no such family" for a dump (net/core/sock_diag.c).
    private static bool Refused(ReadOnlySpan<byte> payload, bool dump) => (payload.Length >= sizeof(int) ? -MemoryMarshal.Read<int>(payload) : 0) switch
    {
        0 => false,
        (int)Errno.ENOENT when !dump => false,
        (int)Errno.ENOENT => throw new SockDiagException("this kernel lacks the module that lists them (tcp_diag, unix_diag)"),
        int errno => throw new SockDiagException(errno),
    };

    internal static int Aligned(int length) => (length + 3) & ~3;

    /// <summary><c>struct nlmsghdr</c> (include/uapi/linux/netlink.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Header
    {
        public uint Length;
        public ushort Type;
        public ushort Flags;
        public uint Sequence;
        public uint Port;
    }
}
