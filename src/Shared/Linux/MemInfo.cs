using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>Reads <c>SO_MEMINFO</c>: nine words about a socket's memory (include/uapi/linux/sock_diag.h), the last of which counts drops.</summary>
internal static class MemInfo
{
    /// <summary>Which of the words counts drops.</summary>
    public const int Drops = 8;

    private const int Words = 9;

    /// <summary>Returns the packets that this socket discarded; on a listening socket, handshakes. Null on a kernel before 4.12.</summary>
    public static uint? ReadDrops(Socket socket)
    {
        Span<uint> words = stackalloc uint[Words];
        words.Clear();
        int read = SocketOption.MemInfo.Get(socket, MemoryMarshal.AsBytes(words));
        return read == Words * sizeof(uint) ? words[Drops] : null;
    }
}
