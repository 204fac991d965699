namespace Rcomm.TestSupport;

/// <summary>A small document root in a temporary folder, with something outside it that must never be served.</summary>
internal sealed class SampleSite : IDisposable
{
    public const string Secret = "outside the root";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");

    public SampleSite()
    {
        Write("page.html", "<h1>home</h1>");
        Write("not_found.html", "<h1>nothing here</h1>");
        Write("howdy/page.html", "<h1>howdy</h1>");
        Write("docs/index.html", "<h1>docs</h1>");
        Write("both/page.html", "page");
        Write("both/index.html", "index");
        Write("style.css", "h1 { color: teal }");
        Write("a b/ä.txt", "spaces and umlauts");
        Write("empty.txt", "");
        Write(".hidden", "hidden");
        Write(".well-known/security.txt", "Contact: mailto:x@example.com");
        File.WriteAllBytes(Path.Combine(Root, "noise.bin"), Noise);
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.txt"), Secret);
        // Like pages that were not just written.
        foreach (string file in Directory.GetFiles(Root, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        File.CreateSymbolicLink(Path.Combine(Root, "leak.txt"), "../secret.txt");
        File.CreateSymbolicLink(Path.Combine(Root, "inside.css"), "style.css");
    }

    public static byte[] Noise { get; } = MakeNoise();

    public string Root => Path.Combine(_folder.FullName, "root");

    /// <summary>A folder next to the root, for other files of a test.</summary>
    public string Folder => _folder.FullName;

    public void Write(string path, string text)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[300_000];
        new Random(42).NextBytes(noise);
        return noise;
    }
}
