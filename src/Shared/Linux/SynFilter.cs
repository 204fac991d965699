using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// A classic BPF program (socket(7), SO_ATTACH_FILTER) that lets a listening TCP socket see no more SYNs. Handshakes that are
/// under way still end. A client that begins one hears nothing and tries again a second later, when the next server may be there.
/// </summary>
internal static class SynFilter
{
    private const ushort LoadByte = 0x30;
    private const ushort JumpIfSet = 0x45;
    private const ushort Return = 0x06;
    private const uint FlagsOffset = 13;
    private const uint Syn = 0x02;

    // The filter of a TCP socket is given the packet from the TCP header on (net/ipv4/tcp_ipv4.c, tcp_filter).
    private static readonly Instruction[] Program =
    [
        new() { Code = LoadByte, Operand = FlagsOffset },
        new() { Code = JumpIfSet, IfTrue = 0, IfFalse = 1, Operand = Syn },
        new() { Code = Return, Operand = 0 },
        new() { Code = Return, Operand = uint.MaxValue },
    ];

    /// <summary>Attaches the program; false where the system refuses it.</summary>
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

    /// <summary>Takes the program off again, where there is one.</summary>
    public static void Detach(Socket socket)
    {
        try
        {
            SocketOption.DetachFilter.Set(socket, 0);
        }
        catch (SocketException)
        {
            // There was none.
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
