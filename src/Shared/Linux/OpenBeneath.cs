using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>Opens paths with openat2(2): the kernel itself keeps them beneath a folder, whatever links they contain.</summary>
internal static partial class OpenBeneath
{
    private const long OpenAt2Number = 437;
    private const int PathOnly = 0x200000;
    private const int Directory = 0x10000;
    private const int NoFollow = 0x20000;
    // Without O_NONBLOCK, open(2) would block forever on a FIFO without a writer.
    private const int ReadFlags = LibC.CloseOnExec | LibC.NonBlocking;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveNoLinks = 0x04;
    private const ulong ResolveBeneath = 0x08;
    private const int MaxPath = 4096;
    // A rename anywhere on the machine makes a path with .. fail with EAGAIN (openat2(2)).
    private const int MaxAttempts = 100;

    /// <summary>Opens a file or folder for reading. Returns null, with the reason in <paramref name="error"/>, if that fails.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="relativePath">The path without a leading slash, encoded as by <see cref="FileName"/>.</param>
    /// <param name="mayLeave">True if links may lead out of the root.</param>
    /// <param name="error">Why it can't be opened.</param>
    public static SafeFileHandle? Open(string root, string relativePath, bool mayLeave, out Errno error)
    {
        using SafeFileHandle folder = OpenFolder(root, PathOnly | Directory | LibC.CloseOnExec);
        if (folder.IsInvalid)
        {
            error = LibC.LastError;
            return null;
        }
        byte[] path = FileName.EncodeForCall(relativePath);
        SafeFileHandle? handle = Open(folder, path, ReadFlags, mayLeave ? ResolveNoMagicLinks : ResolveBeneath | ResolveNoMagicLinks, out error);
        return error == Errno.EXDEV && !mayLeave ? OpenByRealPath(folder, path, out error) : handle;
    }

    /// <summary>Opens a path without openat2, name by name. Links are followed only if they may lead out. Returns null as above.</summary>
    public static SafeFileHandle? OpenByName(string root, string relativePath, bool mayLeave, out Errno error)
    {
        SafeFileHandle folder = OpenFolder(root, PathOnly | Directory | LibC.CloseOnExec);
        string[] names = mayLeave ? [relativePath] : relativePath.Split('/');
        for (int i = 0; i < names.Length && !folder.IsInvalid; i++)
        {
            using SafeFileHandle above = folder;
            int flags = i < names.Length - 1 ? PathOnly | Directory | LibC.CloseOnExec : ReadFlags;
            folder = OpenAt(above, FileName.EncodeForCall(names[i]), mayLeave ? flags : flags | NoFollow);
        }
        error = folder.IsInvalid ? LibC.LastError : Errno.None;
        return folder.IsInvalid ? null : folder;
    }

    // RESOLVE_BENEATH refuses absolute links and links that leave and come back, even if the target is inside. So open the target by its real path, which
    // has no links.
    private static SafeFileHandle? OpenByRealPath(SafeFileHandle folder, byte[] path, out Errno error)
    {
        using SafeFileHandle? target = Open(folder, path, PathOnly | LibC.CloseOnExec, ResolveNoMagicLinks, out error);
        if (target is null) return null;
        error = Errno.EXDEV;
        if (RealPath(folder) is not { } root || RealPath(target) is not { } real) return null;
        string above = root == "/" ? root : root + "/";
        string? inside = real == root ? "." : real.StartsWith(above, StringComparison.Ordinal) ? real[above.Length..] : null;
        return inside is null ? null : Open(folder, FileName.EncodeForCall(inside), ReadFlags,
            ResolveBeneath | ResolveNoLinks | ResolveNoMagicLinks, out error);
    }

    private static SafeFileHandle? Open(SafeFileHandle folder, byte[] path, int flags, ulong resolve, out Errno error)
    {
        var how = new OpenHow { Flags = (ulong)flags, Resolve = resolve };
        for (int attempt = 1; ; attempt++)
        {
            nint descriptor = OpenAt2(OpenAt2Number, folder, path, in how, (nuint)Unsafe.SizeOf<OpenHow>());
            error = descriptor >= 0 ? Errno.None : LibC.LastError;
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
            if (error is not (Errno.EAGAIN or Errno.EINTR or Errno.ESTALE) || attempt == MaxAttempts) return null;
        }
    }

    private static string? RealPath(SafeFileHandle handle)
    {
        byte[] path = new byte[MaxPath];
        nint length = ReadLink(Encoding.ASCII.GetBytes($"/proc/self/fd/{handle.DangerousGetHandle()}\0"), path, MaxPath);
        return length is > 0 and < MaxPath ? FileName.Decode(path.AsSpan(0, (int)length)) : null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial SafeFileHandle OpenAt(SafeFileHandle folder, byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLink(byte[] path, [Out] byte[] target, nuint size);

    // The C library has no wrapper; the number is the same on every architecture.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(long number, SafeFileHandle folder, byte[] path, in OpenHow how, nuint size);

    /// <summary><c>struct open_how</c> (openat2(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
