using System.Net;
using Rcomm.Tests.Proxy;
using Rcomm.Tests.Server;

namespace Rcomm.Tests.Site;

/// <summary>File systems with coarse times, and file systems that fail.</summary>
public sealed class FileSystemTests
{
    [Fact]
    public async Task A_change_within_the_second_of_the_last_is_seen_where_times_are_whole_seconds()
    {
        using MountedFileSystem mounted = MountedFileSystem.Mount("mkfs.ext4 -q -F -I 128");
        string file = Path.Combine(mounted.Root, "page.txt");
        await using InProcessServer server = await InProcessServer.ServeAsync(mounted.Root);
        using var http = new HttpClient { BaseAddress = server.Url };

        for (int version = 100; version < 150; version++)
        {
            await File.WriteAllTextAsync(file, $"version {version}");

            using HttpResponseMessage answer = await http.GetAsync("page.txt");
            using var again = new HttpRequestMessage(HttpMethod.Get, "page.txt") { Headers = { IfNoneMatch = { answer.Headers.ETag! } } };
            using HttpResponseMessage second = await http.SendAsync(again);

            Assert.Equal($"version {version}", await answer.Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        }
    }

    [Fact]
    public async Task A_disk_that_fails_is_500_with_a_line_in_the_log_and_not_404()
    {
        using MountedFileSystem mounted = MountedFileSystem.Mount("mkfs.ext4 -q -F");
        foreach (int size in (int[])[10_000, 400_000, 9_000_000]) await File.WriteAllBytesAsync(Path.Combine(mounted.Root, $"{size}.txt"), new byte[size]);
        mounted.Break();
        const string Routes = """proxy=[{ "path": "/api/*", "to": ["http://127.0.0.1:1"] }]""";
        await using ProxyServer server = await ProxyServer.StartAsync("", $"document-root={mounted.Root}", Routes);

        Assert.StartsWith("HTTP/1.1 500 ", await server.GetAsync("/10000.txt"));
        Assert.StartsWith("HTTP/1.1 500 ", await server.GetAsync("/400000.txt"));
        // Its head is sent before the file is read, so the connection must break.
        Assert.DoesNotContain("HTTP/1.1 404", await server.GetAsync("/9000000.txt"));
        Assert.Contains(server.Log, line => line.Contains("/10000.txt failed: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_500_until_it_can_be()
    {
        // The kernel opens it but refuses to read it.
        const string Unreadable = "/sys/class/net/lo/speed";
        Assert.SkipUnless(File.Exists(Unreadable), $"{Unreadable} isn't here");
        using var site = new SampleSite();
        string file = Path.Combine(site.Root, "data.txt");
        File.CreateSymbolicLink(file, Unreadable);
        await using InProcessServer server = await InProcessServer.ServeAsync($"{site.Root} --follow-links");
        using var http = new HttpClient { BaseAddress = server.Url };

        using (HttpResponseMessage failed = await http.GetAsync("data.txt")) Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        File.Delete(file);
        await File.WriteAllTextAsync(file, "readable");

        Assert.Equal("readable", await http.GetStringAsync("data.txt"));
    }
}
