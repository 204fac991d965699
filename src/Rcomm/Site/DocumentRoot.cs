using Microsoft.Win32.SafeHandles;
using Rcomm.Linux;

namespace Rcomm.Site;

/// <summary>What stands at a path beneath the document root.</summary>
internal enum EntryKind
{
    Nothing,
    Forbidden,
    Folder,
    File,
}

/// <summary>An entry beneath the document root; the handle and length belong to a file.</summary>
internal readonly record struct Entry(EntryKind Kind, SafeFileHandle? Handle = null, long Length = 0);

/// <summary>
/// Opens entries beneath the folder that is served, and none outside it. Every request looks anew, so a file that was
/// added, changed or removed is served as it now is.
/// </summary>
internal sealed class DocumentRoot(string path)
{
    /// <summary>Opens what stands at a relative path; the caller disposes the handle of a file.</summary>
    public Entry Open(string relativePath)
    {
        if (relativePath == "") relativePath = ".";
        if (!OperatingSystem.IsLinux()) return OpenWithoutLinks(relativePath);

        SafeFileHandle? handle = OpenBeneath.Open(path, relativePath, out int error);
        return error switch
        {
            0 => Look(handle!),
            OpenBeneath.EACCES => new(EntryKind.Forbidden),
            // An old kernel, or a container whose seccomp profile does not know the call.
            OpenBeneath.ENOSYS or OpenBeneath.EPERM => OpenWithoutLinks(relativePath),
            _ => default,
        };
    }

    private static Entry Look(SafeFileHandle handle)
    {
        try
        {
            if ((File.GetAttributes(handle) & FileAttributes.Directory) == 0)
                return new(EntryKind.File, handle, RandomAccess.GetLength(handle));

            handle.Dispose();
            return new(EntryKind.Folder);
        }
        catch (Exception e) when (e is NotSupportedException or IOException)
        {
            // A FIFO, a socket or a device is no page.
            handle.Dispose();
            return default;
        }
    }

    // Without the kernel's help no link can be proven to stay inside, so none is followed.
    private Entry OpenWithoutLinks(string relativePath)
    {
        string full = path;
        foreach (string name in relativePath.Split('/'))
        {
            full = Path.Combine(full, name);
            if (new FileInfo(full).LinkTarget is not null) return default;
        }
        if (Directory.Exists(full)) return new(EntryKind.Folder);
        try
        {
            return Look(File.OpenHandle(full));
        }
        catch (UnauthorizedAccessException)
        {
            return new(EntryKind.Forbidden);
        }
        catch (IOException)
        {
            return default;
        }
    }
}
