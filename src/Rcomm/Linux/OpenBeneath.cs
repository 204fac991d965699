using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Linux;

/// <summary>openat2(2): opens a path that the kernel itself keeps beneath a folder, whatever links lie on the way.</summary>
internal static partial class OpenBeneath
{
    public const int ENOENT = 2;
    public const int EACCES = 13;
    public const int ENOMEM = 12;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOSYS = 38;
    public const int EPERM = 1;

    private const long OpenAt2Number = 437;
    private const int PathOnly = 0x200000;
    private const int Directory = 0x10000;
    private const int CloseOnExec = 0x80000;
    // A FIFO without a writer would hold open(2) up for ever.
    private const int NonBlocking = 0x800;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveBeneath = 0x08;

    /// <summary>Opens a file or folder for reading. Null, and errno in <paramref name="error"/>, where it cannot be.</summary>
    /// <param name="mayLeave">True where links may lead out of the root.</param>
    public static SafeFileHandle? Open(string root, string relativePath, bool mayLeave, out int error)
    {
        error = 0;
        using SafeFileHandle folder = OpenFolder(root, PathOnly | Directory | CloseOnExec);
        if (!folder.IsInvalid)
        {
            var how = new OpenHow { Flags = CloseOnExec | NonBlocking, Resolve = mayLeave ? ResolveNoMagicLinks : ResolveBeneath | ResolveNoMagicLinks };
            nint descriptor = OpenAt2(OpenAt2Number, folder, relativePath, in how, (nuint)Marshal.SizeOf<OpenHow>());
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        }
        error = Marshal.GetLastPInvokeError();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    // The C library has no wrapper for it; the number is the same on every architecture.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2(long number, SafeFileHandle folder, string path, in OpenHow how, nuint size);

    /// <summary><c>struct open_how</c> (openat2(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
