using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>openat2(2): opens a path that the kernel itself keeps beneath a folder, whatever links lie on the way.</summary>
internal static partial class OpenBeneath
{
    private const long OpenAt2Number = 437;
    private const int PathOnly = 0x200000;
    private const int Directory = 0x10000;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveBeneath = 0x08;

    /// <summary>Opens a file or folder for reading. Null, and the reason in <paramref name="error"/>, where it cannot be.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="relativePath">A path without a leading slash.</param>
    /// <param name="mayLeave">True where links may lead out of the root.</param>
    /// <param name="error">Why it cannot be opened.</param>
    public static SafeFileHandle? Open(string root, string relativePath, bool mayLeave, out Errno error)
    {
        error = Errno.None;
        using SafeFileHandle folder = OpenFolder(root, PathOnly | Directory | LibC.CloseOnExec);
        if (!folder.IsInvalid)
        {
            // A FIFO without a writer would hold open(2) up for ever without O_NONBLOCK.
            var how = new OpenHow { Flags = LibC.CloseOnExec | LibC.NonBlocking, Resolve = mayLeave ? ResolveNoMagicLinks : ResolveBeneath | ResolveNoMagicLinks };
            nint descriptor = OpenAt2(OpenAt2Number, folder, relativePath, in how, (nuint)Marshal.SizeOf<OpenHow>());
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        }
        error = LibC.LastError;
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
