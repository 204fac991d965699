using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

/// <summary>Paths beneath a folder, as bytes and without openat2.</summary>
public sealed class FilePathTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");

    [Fact]
    public void Without_openat2_files_are_opened_name_by_name_and_no_link_is_followed()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "inner"));
        File.WriteAllText(Path.Combine(_folder.FullName, "inner", "file"), "x");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "link"), "inner");
        using Process make = Process.Start("mkfifo", Path.Combine(_folder.FullName, "fifo"));
        make.WaitForExit();

        Assert.Equal(Errno.None, Open("inner/file"));
        Assert.Equal(Errno.None, Open("fifo"));
        Assert.Equal(Errno.ELOOP, Open("link"));
        Assert.Equal(Errno.ENOTDIR, Open("link/file"));
        Assert.Equal(Errno.ENOENT, Open("inner/missing"));
        Assert.Equal(Errno.None, Open("link/file", mayLeave: true));
    }

    [Theory]
    [InlineData("caf\u00e9")]
    [InlineData("\ud83d\ude00 smile")]
    [InlineData("")]
    public void A_name_in_UTF_8_is_its_text(string name) => Assert.Equal(name, FileName.Decode(FileName.Encode(name)));

    [Fact]
    public void Whatever_bytes_a_name_has_they_come_back()
    {
        var random = new Random(20_261_123);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] name = new byte[random.Next(12)];
            random.NextBytes(name);
            Assert.Equal(name, FileName.Encode(FileName.Decode(name)));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Errno Open(string path, bool mayLeave = false)
    {
        using SafeFileHandle? handle = OpenBeneath.OpenByName(_folder.FullName, path, mayLeave, out Errno error);
        return error;
    }
}
