using System.Diagnostics;

namespace Rcomm.Tests.Site;

/// <summary>A small file system of its own in a file, which takes root and loop devices.</summary>
internal sealed class MountedFileSystem : IDisposable
{
    private const long Size = 16 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");
    private bool _isMounted;

    private MountedFileSystem() => Directory.CreateDirectory(Root);

    public string Root => Path.Combine(_folder.FullName, "root");

    private string Image => Path.Combine(_folder.FullName, "image");

    /// <summary>Makes and mounts one; skips the test, with the reason, where this machine does not let us.</summary>
    /// <param name="make">The command that makes it in a file, e.g. <c>mkfs.ext4 -q -I 128</c>.</param>
    public static MountedFileSystem Mount(string make)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root mounts file systems");
        var made = new MountedFileSystem();
        try
        {
            using (FileStream image = File.Create(made.Image)) image.SetLength(Size);
            string? failure = Run($"{make} '{made.Image}'") ?? Run($"mount -o loop '{made.Image}' '{made.Root}'");
            Assert.SkipWhen(failure is not null, $"a file system cannot be mounted here: {failure}");
            made._isMounted = true;
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Has every read of what is not in the page cache fail with EIO, as those of a disk that breaks do.</summary>
    public void Break()
    {
        Assert.Null(Run($"umount '{Root}' && mount -o loop '{Image}' '{Root}'"));
        // Folders and inodes are looked at once more, while they can be.
        foreach (string file in Directory.GetFiles(Root)) _ = new FileInfo(file).Length;
        using FileStream image = File.OpenWrite(Image);
        image.SetLength(0);
    }

    public void Dispose()
    {
        if (_isMounted) Run($"umount '{Root}' || umount -l '{Root}'");
        _folder.Delete(recursive: true);
    }

    // Null where it went well.
    private static string? Run(string script)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
