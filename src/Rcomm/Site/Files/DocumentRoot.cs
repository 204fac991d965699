using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;
using Rcomm.Site.FastPath;

namespace Rcomm.Site.Files;

/// <summary>What exists at a path beneath the document root.</summary>
internal enum EntryKind
{
    Nothing,
    Forbidden,

    /// <summary>Unknown at the moment: the process or the machine is out of descriptors, or other processes rename continually.</summary>
    Busy,
    Folder,
    File,
}

/// <summary>An entry beneath the document root. Files have a handle and a location (the full path); files and folders have a stamp.</summary>
internal readonly record struct Entry(EntryKind Kind, SafeFileHandle? Handle = null, FileStamp Stamp = default, string Location = "");

/// <summary>
/// Opens entries beneath the served folder, and none outside it. Every request looks again, so added, changed and removed files take effect immediately.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="followLinks">Whether links may lead out of it.</param>
/// <param name="privateFiles">Files that are never served.</param>
internal sealed class DocumentRoot(string path, bool followLinks = false, PrivateFiles? privateFiles = null)
{
    /// <summary>Opens the entry at a relative path; the caller disposes a file's handle.</summary>
    /// <param name="relativePath">The path; empty for the root itself.</param>
    /// <param name="dependencies">Records what was found; null if that isn't needed.</param>
    /// <exception cref="IOException">The disk or the file system failed, so it is unknown what is there.</exception>
    public Entry Open(string relativePath, FileDependencies? dependencies)
    {
        Entry found = Open(relativePath);
        dependencies?.Add(Path.Combine(path, relativePath), found);
        return found;
    }

    /// <summary>Opens the entry at a relative path; the caller disposes a file's handle.</summary>
    /// <exception cref="IOException">The disk or the file system failed, so it is unknown what is there.</exception>
    public Entry Open(string relativePath)
    {
        if (relativePath == "") relativePath = ".";
        if (!OperatingSystem.IsLinux()) return OpenPortably(relativePath);

        SafeFileHandle? handle = OpenHandle(relativePath, out Errno error);
        return error switch
        {
            Errno.None => EntryOf(handle!, Path.Combine(path, relativePath)),
            Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ENAMETOOLONG or Errno.EXDEV or Errno.ENXIO or Errno.ENODEV => default,
            Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.EAGAIN or Errno.EINTR => new(EntryKind.Busy),
            Errno.EACCES or Errno.EPERM => new(EntryKind.Forbidden),
            _ => throw new IOException($"{relativePath} cannot be opened ({error})"),
        };
    }

    /// <summary>Returns the names in a folder beneath the root; none if it isn't a folder.</summary>
    public IReadOnlyList<string> List(string relativePath)
    {
        if (!OperatingSystem.IsLinux())
        {
            string folder = Path.Combine(path, relativePath);
            return Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry))] : [];
        }
        // Uses the descriptor: a folder on the path may have been replaced by a link.
        using SafeFileHandle? handle = OpenHandle(relativePath == "" ? "." : relativePath, out _);
        return handle is null ? [] : FolderEntries.NamesIn(handle);
    }

    /// <summary>Reads the current stamp of an open file.</summary>
    public static FileStamp StampOf(SafeFileHandle handle) => StatusOf(handle).Stamp;

    private SafeFileHandle? OpenHandle(string relativePath, out Errno error)
    {
        SafeFileHandle? handle = OpenBeneath.Open(path, relativePath, mayLeave: followLinks, out error);
        // An old kernel, or a container whose seccomp profile doesn't know the call.
        return error is Errno.ENOSYS or Errno.EPERM ? OpenBeneath.OpenByName(path, relativePath, mayLeave: followLinks, out error) : handle;
    }

    private Entry EntryOf(SafeFileHandle handle, string path)
    {
        FileStatus status = StatusOf(handle);
        if (status.IsFile && privateFiles?.Contains(path, status.Stamp) != true) return new(EntryKind.File, handle, status.Stamp, path);

        // A FIFO, a socket or a device isn't a page; a private file is treated as missing.
        handle.Dispose();
        return status.IsFolder ? new(EntryKind.Folder, Stamp: status.Stamp) : default;
    }

    private static FileStatus StatusOf(SafeFileHandle handle)
    {
        if (OperatingSystem.IsLinux()) return FileStatus.OfDescriptor(handle) ?? throw new IOException("An open file has no status.");
        try
        {
            if ((File.GetAttributes(handle) & FileAttributes.Directory) != 0) return new(IsFolder: true, false, false, default);
            long modified = (File.GetLastWriteTimeUtc(handle) - DateTime.UnixEpoch).Ticks * 100;
            return new(false, IsFile: true, false, new FileStamp(0, RandomAccess.GetLength(handle), modified, modified));
        }
        catch (Exception e) when (e is NotSupportedException or IOException)
        {
            return default;
        }
    }

    // Without the kernel's help it can't be proven that links stay inside, so none are followed.
    private Entry OpenPortably(string relativePath)
    {
        string full = path;
        foreach (string name in relativePath.Split('/'))
        {
            full = Path.Combine(full, name);
            if (!followLinks && new FileInfo(full).LinkTarget is not null) return default;
        }
        if (Directory.Exists(full)) return new(EntryKind.Folder);
        try
        {
            return EntryOf(File.OpenHandle(full), full);
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
