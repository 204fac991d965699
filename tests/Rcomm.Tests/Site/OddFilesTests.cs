using System.Diagnostics;
using Rcomm.Site.Files;
using Rcomm.Tests.Server;

namespace Rcomm.Tests.Site;

/// <summary>Rare but valid links, names and kinds of files.</summary>
public sealed class OddFilesTests(ServedSite served) : IClassFixture<ServedSite>
{
    [Fact]
    public async Task A_link_that_ends_inside_the_root_is_followed_however_it_gets_there()
    {
        Directory.CreateDirectory(Path.Combine(served.Site.Root, "links"));
        Link("links/absolute.css", Path.Combine(served.Site.Root, "style.css"));
        Link("links/round.css", "../../root/style.css");
        Link("links/folder", Path.Combine(served.Site.Root, "howdy"));
        Link("links/out.txt", Path.Combine(served.Site.Folder, "secret.txt"));
        Link("links/out", served.Site.Folder);

        Assert.EndsWith("color: teal }", await GetAsync("/links/absolute.css"));
        Assert.EndsWith("color: teal }", await GetAsync("/links/round.css"));
        Assert.EndsWith("<h1>howdy</h1>", await GetAsync("/links/folder"));
        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync("/links/out.txt"));
        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync("/links/out/secret.txt"));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF_8_is_served_and_listed()
    {
        Shell("mkdir -p odd; printf latin > odd/$'caf\\xe9.txt'");
        await using InProcessServer server = await InProcessServer.ServeAsync($"{served.Site.Root} --listing");

        Assert.EndsWith("\r\n\r\nlatin", await server.RawAsync("GET /odd/caf%E9.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        Assert.Contains("href=\"/odd/caf%E9.txt\"", await server.RawAsync("GET /odd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 404 ", await server.RawAsync("GET /odd/caf%C3%A9.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        // .NET can't delete a file whose name it can't represent.
        Shell("rm -r odd");
    }

    [Fact]
    public async Task A_compressed_drawing_says_how_it_is_encoded()
    {
        served.Site.Write("drawing.svgz", new string('z', 2000));

        string answer = await served.Server.RawAsync("GET /drawing.svgz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: br\r\n\r\n");

        Assert.Contains("Content-Type: image/svg+xml", answer);
        Assert.Contains("Content-Encoding: gzip\r\n", answer);
        Assert.EndsWith(new string('z', 2000), answer);
    }

    [Theory]
    [InlineData("bytes=-5", "200")]
    [InlineData("bytes=0-", "416")]
    [InlineData("bytes=-0", "416")]
    public async Task The_last_bytes_of_an_empty_file_are_the_whole_of_it(string range, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ",
            await served.Server.RawAsync($"GET /empty.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: {range}\r\n\r\n"));

    [Fact]
    public async Task A_FIFO_holds_nobody_up()
    {
        Shell("mkfifo -m 644 fifo");

        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync("/fifo"));
    }

    [Fact]
    public async Task A_file_is_found_while_something_else_is_renamed()
    {
        Directory.CreateDirectory(Path.Combine(served.Site.Root, "busy"));
        Link("busy/up.css", "../style.css");
        string one = Path.Combine(served.Site.Folder, "one"), other = Path.Combine(served.Site.Folder, "other");
        await File.WriteAllTextAsync(one, "");
        using var end = new CancellationTokenSource();
        Task renames = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                File.Move(one, other);
                File.Move(other, one);
            }
        });

        var root = new DocumentRoot(served.Site.Root);
        int found = 0;
        for (int i = 0; i < 5000; i++)
        {
            Entry entry = root.Open("busy/up.css");
            if (entry.Kind == EntryKind.File) found++;
            entry.Handle?.Dispose();
        }
        await end.CancelAsync();
        await renames;

        Assert.Equal(5000, found);
    }

    private void Link(string path, string target)
    {
        string full = Path.Combine(served.Site.Root, path);
        File.Delete(full);
        File.CreateSymbolicLink(full, target);
    }

    private void Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = served.Site.Root })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private Task<string> GetAsync(string target) => served.Server.RawAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}
