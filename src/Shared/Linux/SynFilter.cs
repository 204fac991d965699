using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// A classic BPF program (socket(7), SO_ATTACH_FILTER) that drops SYNs to a listening TCP socket. Pending handshakes still finish. A client that starts
/// one gets no answer and retries a second later, when the next server may be running.
/// </summary>
internal static class SynFilter
{
    private const ushort LoadByte = 0x30;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;
    private const uint FlagsOffset = 13;
    private const uint Syn = 0x02;

    // A TCP socket's filter sees the packet from the TCP header on (net/ipv4/tcp_ipv4.c, tcp_filter).
    private static readonly Instruction[] Program =
    [
        new() { Code = LoadByte, Operand = FlagsOffset },
        new() { Code = JumpIfSet, IfTrue = 0, IfFalse = 1, Operand = Syn },
        new() { Code = Return, Operand = 0 },
        new() { Code = Return, Operand = uint.MaxValue },
    ];

    /// <summary>Attaches the program. Returns false if the system refuses it.</summary>
    public static unsafe bool TryAttach(Socket socket)
    {
        fixed (Instruction* first = Program)
        {
            var filter = new Filter { Length = (ushort)Program.Length, First = (nint)first };
            try
            {
                socket.SetRawSocketOption(SocketOption.AttachFilter.Level, SocketOption.AttachFilter.Number,
                    MemoryMarshal.AsBytes(new ReadOnlySpan<Filter>(in filter)));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary>Detaches the program, if there is one.</summary>
    public static void Detach(Socket socket)
    {
        try
        {
            SocketOption.DetachFilter.Set(socket, 0);
        }
        catch (SocketException)
        {
            // None was attached.
        }
    }

    /// <summary><c>struct sock_filter</c> (include/uapi/linux/filter.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Instruction
    {
        public ushort Code;
        public byte IfTrue;
        public byte IfFalse;
        public uint Operand;
    }

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Filter
    {
        public ushort Length;
        public nint First;
    }
}
