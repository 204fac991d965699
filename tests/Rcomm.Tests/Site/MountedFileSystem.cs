using System.Diagnostics;

namespace Rcomm.Tests.Site;

/// <summary>A small file system in a file; needs root and loop devices.</summary>
internal sealed class MountedFileSystem : IDisposable
{
    private const long Size = 16 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");
    private bool _isMounted;

    private MountedFileSystem() => Directory.CreateDirectory(Root);

    public string Root => Path.Combine(_folder.FullName, "root");

    private string Image => Path.Combine(_folder.FullName, "image");

    /// <summary>Creates and mounts one; skips the test, with the reason, if this machine doesn't allow it.</summary>
    /// <param name="make">The command that creates it in a file, e.g. <c>mkfs.ext4 -q -I 128</c>.</param>
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

    /// <summary>Makes every read that isn't in the page cache fail with EIO, as on a broken disk.</summary>
    public void Break()
    {
        Assert.Null(Run($"umount '{Root}' && mount -o loop '{Image}' '{Root}'"));
        // Folders and inodes are read once more while that is possible.
        foreach (string file in Directory.GetFiles(Root)) _ = new FileInfo(file).Length;
        using FileStream image = File.OpenWrite(Image);
        image.SetLength(0);
    }

    public void Dispose()
    {
        if (_isMounted) Run($"umount '{Root}' || umount -l '{Root}'");
        _folder.Delete(recursive: true);
    }

    // Null if it succeeded.
    private static string? Run(string script)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
