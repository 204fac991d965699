using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>Passes descriptors between processes along with bytes: sendmsg(2) and recvmsg(2) with SCM_RIGHTS (unix(7)).</summary>
internal static unsafe class DescriptorPassing
{
    /// <summary>The maximum number of descriptors in one message (SCM_MAX_FD).</summary>
    public const int Max = 253;

    private const int ScmRights = 1;
    private const int CloseOnExec = 0x40000000;

    /// <summary>Sends bytes, with descriptors attached to the first of them. Returns how many bytes were sent.</summary>
    /// <exception cref="SocketException">The peer is gone.</exception>
    public static int Send(Socket socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        int dataSize = descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[Aligned(sizeof(ControlHeader) + Max * sizeof(int))];
        *(ControlHeader*)control = new ControlHeader { Length = (nuint)(sizeof(ControlHeader) + dataSize), Level = SocketOption.SocketLevel, Type = ScmRights };
        descriptors.CopyTo(new Span<int>(control + sizeof(ControlHeader), descriptors.Length));
        fixed (byte* first = bytes)
        {
            var vector = new IoVector { Start = first, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                message.Control = control;
                message.ControlLength = (nuint)Aligned(sizeof(ControlHeader) + dataSize);
            }
            nint sent;
            do sent = MessageHeader.Send(socket.SafeHandle, in message, SocketCalls.NoSignal);
            while (sent < 0 && LibC.LastError == Errno.EINTR);
            return sent >= 0 ? (int)sent : throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Receives bytes and the descriptors passed with them, which are close-on-exec from the start. Without a list for them, the kernel closes them. A
    /// call with a timeout returns EINTR after SIGSTOP and SIGCONT even without a handler (signal(7)), so it is repeated.
    /// </summary>
    /// <exception cref="SocketException">The peer is gone, or sent nothing within the socket's timeout.</exception>
    public static int Receive(Socket socket, Span<byte> bytes, List<SafeSocketHandle>? descriptors)
    {
        int space = descriptors is null ? 0 : Aligned(sizeof(ControlHeader) + Max * sizeof(int));
        byte* control = stackalloc byte[space];
        fixed (byte* first = bytes)
        {
            var vector = new IoVector { Start = first, Length = (nuint)bytes.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)space };
            nint received;
            do received = MessageHeader.Receive(socket.SafeHandle, ref message, CloseOnExec);
            while (received < 0 && LibC.LastError == Errno.EINTR);
            if (received < 0) throw new SocketException(Marshal.GetLastPInvokeError());

            var header = (ControlHeader*)control;
            if (descriptors is null || message.ControlLength < (nuint)sizeof(ControlHeader) || header->Level != SocketOption.SocketLevel
                || header->Type != ScmRights) return (int)received;
            int count = ((int)header->Length - sizeof(ControlHeader)) / sizeof(int);
            foreach (int descriptor in new ReadOnlySpan<int>(control + sizeof(ControlHeader), count))
                descriptors.Add(new SafeSocketHandle(descriptor, ownsHandle: true));
            return (int)received;
        }
    }

    private static int Aligned(int size) => (size + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);

    /// <summary><c>struct cmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
