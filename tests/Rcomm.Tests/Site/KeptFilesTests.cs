using Microsoft.Extensions.Primitives;
using Rcomm.Site;
using Rcomm.Site.Files;
using Rcomm.Site.Http;
using Rcomm.Site.Routing;

namespace Rcomm.Tests.Site;

/// <summary>What is cached, and what is done only once.</summary>
public sealed class KeptFilesTests
{
    [Theory]
    [InlineData("//big.txt")]
    [InlineData("/./big.txt")]
    [InlineData("/../big.txt")]
    [InlineData("/%62ig.txt")]
    [InlineData("/%2e/big%2Etxt?v=1")]
    [InlineData("http://x/big.txt")]
    public void Every_spelling_of_a_path_has_one_key(string target) => Assert.Equal("/big.txt", RequestTarget.Parse(target).Key);

    [Fact]
    public async Task A_kept_file_that_is_unchanged_is_not_read_again_whatever_leads_to_it()
    {
        using var site = new SampleSite();
        var root = new DocumentRoot(site.Root);
        using var cache = new FileCache(1 << 20);
        var store = new FileStore(root, new FileReader(root, new SiteOptions { DocumentRoot = site.Root }), cache);
        await UntilSettledAsync(root, "style.css");

        StoredFile first = await LoadAsync(root, store, "/style.css"), second = await LoadAsync(root, store, "/style.css"),
        rewritten = await LoadAsync(root, store, "/other");
        site.Write("style.css", "h2 { color: red }");
        StoredFile changed = await LoadAsync(root, store, "/style.css");

        Assert.Same(first, second);
        Assert.Same(first, rewritten);
        Assert.NotSame(first, changed);
    }

    [Fact]
    public async Task Requests_at_once_share_one_read()
    {
        using var site = new SampleSite();
        site.Write("large.bin", new string('a', 7 << 20));
        var root = new DocumentRoot(site.Root);
        using var cache = new FileCache(1 << 20);
        var store = new FileStore(root, new FileReader(root, new SiteOptions { DocumentRoot = site.Root }), cache);
        await UntilSettledAsync(root, "large.bin");

        StoredFile[] found = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => LoadAsync(root, store, $"/{i}", "large.bin"))));

        Assert.Single(found.Distinct());
    }

    [Fact]
    public async Task Requests_at_once_share_one_compression_and_a_failure_is_not_kept()
    {
        Representation identity = Kept(1000);
        Representation form = Representation.MadeOf(identity, ContentCoding.Brotli, encodeFrom: 0);
        int calls = 0;
        await Assert.ThrowsAsync<IOException>(() => form.EncodeAsync((_, _) => throw new IOException()));

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => form.EncodeAsync((_, _) =>
        {
            Interlocked.Increment(ref calls);
            Thread.Sleep(1);
            return new byte[10];
        })));
        await form.EncodeAsync((_, _) => throw new IOException());

        Assert.Equal(1, calls);
        Assert.Equal(10, form.Bytes!.Length);
    }

    [Fact]
    public async Task A_form_that_saves_nothing_is_not_offered_again()
    {
        Representation form = Representation.MadeOf(Kept(1000), ContentCoding.Brotli, encodeFrom: 0);
        Assert.True(form.IsOffered);

        await form.EncodeAsync((_, _) => new byte[1000]);

        Assert.False(form.IsOffered);
        Assert.Null(form.Bytes);
    }

    [Fact]
    public void The_cache_makes_room_for_what_is_asked_for_now()
    {
        using var cache = new FileCache(8 << 20);
        for (int i = 0; i < 20; i++)
        {
            cache.KeepFile($"{i}", File(3 << 20));
            Assert.NotNull(cache.FindFile($"{i}"));
        }
        Assert.Null(cache.FindFile("0"));
        cache.KeepFile("too large", File(9 << 20));
        Assert.Null(cache.FindFile("too large"));
    }

    [Fact]
    public void A_file_that_was_encoded_is_not_encoded_again_at_once_when_it_comes_back()
    {
        using var cache = new FileCache(1 << 20);
        var stamp = default(Entry).Stamp with { Length = 2 };

        cache.NoteEncoding("a", stamp);

        Assert.True(cache.MayEncodeFrom("a", stamp) > Environment.TickCount64);
        Assert.Equal(0, cache.MayEncodeFrom("a", stamp with { Length = 3 }));
        Assert.Equal(0, cache.MayEncodeFrom("b", stamp));
    }

    [Theory]
    [InlineData(0, 1.0, false)]
    [InlineData(0, 3.0, true)]
    [InlineData(500_000_000, 0.01, false)]
    [InlineData(500_000_000, 0.1, true)]
    public void A_stamp_is_trusted_once_it_is_older_than_its_clocks_step(long nanoseconds, double secondsLater, bool isTrusted)
    {
        long changed = 1_700_000_000L * 1_000_000_000 + nanoseconds;
        DateTime moment = DateTime.UnixEpoch.AddTicks(changed / 100).AddSeconds(secondsLater);

        Assert.Equal(isTrusted, (default(Entry).Stamp with { ChangedNs = changed }).IsOlderThan(moment));
    }

    [Theory]
    [InlineData("app.3f9a1c07.js", true)]
    [InlineData("app.3f9a1c07.min.js", true)]
    [InlineData("app.3f9a1c07.js.map", true)]
    [InlineData("index-B4xq9Ks2.css", true)]
    [InlineData("main-5XQ2K7LD.js", true)]
    [InlineData("base.27e20196a850.css", true)]
    [InlineData("main.8e0d62a03e1b5a0a3f1c.js", true)]
    [InlineData("logo.5d5d9eefa31e5e13a6610d9fa7a283bb.svg", true)]
    [InlineData("menu-Summer24.pdf", false)]
    [InlineData("report-Quarter4.pdf", false)]
    [InlineData("slides-Chapter1.pdf", false)]
    [InlineData("photo-Holiday7.jpg", false)]
    [InlineData("photo-2024June.jpg", false)]
    [InlineData("photo-IMG_2024.jpg", false)]
    [InlineData("logo-Win11Pro.png", false)]
    [InlineData("logo-Version2.svg", false)]
    [InlineData("menu-cafe2024.css", false)]
    [InlineData("style-20240115.css", false)]
    [InlineData("style-decade10.css", false)]
    [InlineData("a-B4xq9Ks2.html", false)]
    [InlineData("a-B4xq9Ks2", false)]
    public void A_name_with_a_build_tools_hash_is_told_from_words_dates_and_versions(string name, bool isHashed) => Assert.Equal(isHashed, HashedName.Is(name));

    private static Representation Kept(int length) => Representation.OfFile(
        ContentCoding.Identity, new("a", default(Entry).Stamp with { Length = length }, IsSettled: true), new byte[length],
        EntityTag.OfContent(new byte[32], ContentCoding.Identity));

    private static StoredFile File(int length) => new("/a", Kept(length), [], "text/plain");

    private static async Task<StoredFile> LoadAsync(DocumentRoot root, FileStore store, string key, string path = "style.css")
    {
        Entry entry = root.Open(path);
        using (entry.Handle) return (await store.LoadAsync(key, path, entry, default(StringValues))).File;
    }

    private static async Task UntilSettledAsync(DocumentRoot root, string path)
    {
        Entry entry = root.Open(path);
        entry.Handle!.Dispose();
        while (!entry.Stamp.IsOlderThan(DateTime.UtcNow)) await Task.Delay(5);
    }
}
