using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rcomm.Burst.Linux;

/// <summary>The start of <c>struct tcp_info</c> (include/uapi/linux/tcp.h), as far as a burst reads it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal partial struct TcpInfo
{
    private const int SolTcp = 6;
    private const int Option = 11;

    /// <summary>Segments sent and not acknowledged.</summary>
    [FieldOffset(24)] public uint Unacknowledged;

    /// <summary>Segments sent again, SYNs included.</summary>
    [FieldOffset(100)] public uint TotalRetransmits;

    /// <summary>getsockopt(2) with <c>TCP_INFO</c>; all 0 where the socket is not TCP.</summary>
    public static TcpInfo Read(int descriptor)
    {
        int length = Unsafe.SizeOf<TcpInfo>();
        return GetSocketOption(descriptor, SolTcp, Option, out TcpInfo info, ref length) == 0 ? info : default;
    }

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetSocketOption(int descriptor, int level, int option, out TcpInfo info, ref int length);
}
