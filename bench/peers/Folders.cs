namespace Rcomm.Peers;

/// <summary>The files that are served, and a place for configurations and logs; removed at the end.</summary>
internal sealed class Folders : IDisposable
{
    public const int LargeFileMiB = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm-peers");

    public Folders()
    {
        // nginx's workers run as another user.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0x1ED);
        Root = _folder.CreateSubdirectory("root").FullName;
        Scratch = _folder.CreateSubdirectory("scratch").FullName;
        File.WriteAllText(Path.Combine(Root, "page.txt"), new string('x', 1023) + "\n");
        byte[] mebibyte = new byte[1 << 20];
        new Random(1).NextBytes(mebibyte);
        using FileStream large = File.Create(Path.Combine(Root, "large.bin"));
        for (int i = 0; i < LargeFileMiB; i++) large.Write(mebibyte);
    }

    public string Root { get; }

    public string Scratch { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
