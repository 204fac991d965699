using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary><c>struct iovec</c> (iovec(3type)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Start;
    public nuint Length;
}

/// <summary><c>struct msghdr</c> (recvmsg(2)), and the calls that take one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, in MessageHeader message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, ref MessageHeader message, int flags);
}
