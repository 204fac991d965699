using System.IO.Compression;
using System.Net;
using System.Text;

namespace Rcomm.Tests.Site;

/// <summary>Conditional requests, ranges and encodings (RFC 9110).</summary>
public sealed class FilesTests(ServedSite served) : IClassFixture<ServedSite>
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("All work and no play makes Jack a dull boy. ", 200));

    [Fact]
    public async Task A_file_has_a_strong_tag_that_changes_with_it()
    {
        served.Site.Write("tag.txt", "one");
        using HttpResponseMessage first = await served.Http.GetAsync("tag.txt");
        using HttpResponseMessage again = await served.Http.GetAsync("tag.txt");
        served.Site.Write("tag.txt", "two");
        using HttpResponseMessage changed = await served.Http.GetAsync("tag.txt");

        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.NotEqual(first.Headers.ETag, changed.Headers.ETag);
        Assert.Equal("two", await changed.Content.ReadAsStringAsync());
        Assert.NotNull(first.Content.Headers.LastModified);
    }

    [Theory]
    [InlineData("If-None-Match: {tag}", 304)]
    [InlineData("If-None-Match: W/{tag}", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"other\", {tag}", 304)]
    [InlineData("If-None-Match: \"other\"", 200)]
    [InlineData("If-Modified-Since: {modified}", 304)]
    [InlineData("If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT", 200)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-None-Match: \"other\"\r\nIf-Modified-Since: {modified}", 200)]
    [InlineData("If-Match: {tag}", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: W/{tag}", 412)]
    [InlineData("If-Match: \"other\"", 412)]
    [InlineData("If-Match: {tag}\r\nIf-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", 200)]
    [InlineData("If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", 412)]
    [InlineData("If-Unmodified-Since: {modified}", 200)]
    [InlineData("If-Match: \"other\"\r\nIf-None-Match: {tag}", 412)]
    public async Task Conditions_are_judged_in_the_order_of_RFC_9110(string condition, int status)
    {
        using HttpResponseMessage file = await served.Http.GetAsync("style.css");
        string headers = condition.Replace("{tag}", file.Headers.ETag!.Tag).Replace("{modified}", file.Content.Headers.LastModified!.Value.ToString("R"));

        string answer = await GetRawAsync("/style.css", headers);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        if (status == 304)
        {
            Assert.Contains($"ETag: {file.Headers.ETag.Tag}\r\n", answer);
            Assert.EndsWith("\r\n\r\n", answer);
        }
    }

    [Theory]
    [InlineData("bytes=0-3", 0, 4)]
    [InlineData("bytes=5-", 5, 299_995)]
    [InlineData("bytes=-10", 299_990, 10)]
    [InlineData("bytes=299999-400000", 299_999, 1)]
    [InlineData("bytes=-400000", 0, 300_000)]
    public async Task A_range_is_sent_alone(string range, int first, int length)
    {
        using HttpResponseMessage answer = await served.Http.SendAsync(new(HttpMethod.Get, "noise.bin") { Headers = { { "Range", range } } });

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal($"bytes {first}-{first + length - 1}/300000", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(SampleSite.Noise[first..(first + length)], await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=5-99999999999999999999", "bytes 5-17/18")]
    [InlineData("bytes=-99999999999999999999", "bytes 0-17/18")]
    [InlineData("bytes=99999999999999999999-", "bytes */18")]
    public async Task A_position_may_have_any_number_of_digits(string range, string expected) =>
        Assert.Contains($"Content-Range: {expected}\r\n", await GetRawAsync("/style.css", $"Range: {range}"));

    [Theory]
    [InlineData("bytes=300000-")]
    [InlineData("bytes=-0")]
    public async Task A_range_past_the_end_cannot_be_satisfied(string range)
    {
        using HttpResponseMessage answer = await served.Http.SendAsync(new(HttpMethod.Get, "noise.bin") { Headers = { { "Range", range } } });

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal("bytes */300000", answer.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("Range: lines=1-2")]
    [InlineData("Range: bytes=5-2")]
    [InlineData("Range: bytes=a-b")]
    [InlineData("Range: bytes=0-3\r\nIf-Range: \"other\"")]
    [InlineData("Range: bytes=0-3\r\nIf-Range: Mon, 01 Jan 2001 00:00:00 GMT")]
    public async Task A_range_that_makes_no_sense_or_does_not_hold_gets_the_whole(string headers) =>
        Assert.StartsWith("HTTP/1.1 200 ", await GetRawAsync("/style.css", headers));

    [Fact]
    public async Task A_range_holds_for_the_tag_it_was_asked_with()
    {
        using HttpResponseMessage file = await served.Http.GetAsync("style.css");

        string answer = await GetRawAsync("/style.css", $"Range: bytes=0-1\r\nIf-Range: {file.Headers.ETag!.Tag}");

        Assert.StartsWith("HTTP/1.1 206 ", answer);
        Assert.EndsWith("\r\n\r\nh1", answer);
    }

    [Fact]
    public async Task Several_ranges_come_as_parts()
    {
        using HttpResponseMessage answer = await served.Http.SendAsync(new(HttpMethod.Get, "style.css") { Headers = { { "Range", "bytes=0-1, 5-9" } } });
        string body = await answer.Content.ReadAsStringAsync();
        string boundary = answer.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "boundary").Value!;

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal("multipart/byteranges", answer.Content.Headers.ContentType.MediaType);
        Assert.Equal(
            $"\r\n--{boundary}\r\nContent-Type: text/css; charset=utf-8\r\nContent-Range: bytes 0-1/18\r\n\r\nh1" +
            $"\r\n--{boundary}\r\nContent-Type: text/css; charset=utf-8\r\nContent-Range: bytes 5-9/18\r\n\r\ncolor\r\n--{boundary}--\r\n", body);
        Assert.Equal(Encoding.UTF8.GetByteCount(body), answer.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=0.9, br;q=0.5", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *;q=0.1", "gzip")]
    [InlineData("deflate", "")]
    [InlineData("identity", "")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("identity;q=1, br;q=0.5", "")]
    [InlineData("identity;q=0.5, br;q=0.5", "br")]
    [InlineData("identity;q=0.5, br;q=1, gzip;q=0.1", "br")]
    [InlineData("br;q=0, gzip;q=0.1, identity;q=0.2", "")]
    [InlineData("br;q=0", "")]
    [InlineData("", "")]
    public async Task Text_is_compressed_as_the_client_likes_it(string accepts, string coding)
    {
        served.Site.Write("text.txt", Text);
        using HttpRequestMessage request = new(HttpMethod.Get, "text.txt");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);

        using HttpResponseMessage answer = await served.Http.SendAsync(request);

        Assert.Equal(coding, string.Concat(answer.Content.Headers.ContentEncoding));
        Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
        Assert.Equal(coding != "", answer.Headers.ETag!.Tag.EndsWith($"-{coding}\"", StringComparison.Ordinal));
        Assert.Equal(Text, Decode(await answer.Content.ReadAsByteArrayAsync(), coding));
    }

    [Fact]
    public async Task A_file_that_was_compressed_before_is_sent_unless_it_is_older_than_its_original()
    {
        served.Site.Write("app.js", "let original = 1;");
        served.Site.Write("app.js.zst", "stands for zstandard");
        DateTime original = File.GetLastWriteTimeUtc(Path.Combine(served.Site.Root, "app.js"));
        File.SetLastWriteTimeUtc(Path.Combine(served.Site.Root, "app.js.zst"), original.AddSeconds(-5));
        Assert.Equal("let original = 1;", (await GetRawAsync("/app.js", "Accept-Encoding: zstd")).Split("\r\n\r\n")[1]);

        File.SetLastWriteTimeUtc(Path.Combine(served.Site.Root, "app.js.zst"), original.AddSeconds(5));
        string answer = "";
        for (DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(30); DateTime.UtcNow < end
            && !answer.Contains("Content-Encoding: zstd"); await Task.Delay(50))
            answer = await GetRawAsync("/app.js", "Accept-Encoding: gzip, zstd");

        Assert.EndsWith("\r\n\r\nstands for zstandard", answer);
        Assert.Contains("Content-Type: text/javascript; charset=utf-8\r\n", answer);
    }

    [Fact]
    public async Task A_part_of_a_compressible_file_is_a_part_of_the_file_itself()
    {
        served.Site.Write("part.txt", Text);

        string answer = await GetRawAsync("/part.txt", "Accept-Encoding: br\r\nRange: bytes=0-2");

        Assert.StartsWith("HTTP/1.1 206 ", answer);
        Assert.DoesNotContain("Content-Encoding", answer);
        Assert.EndsWith("\r\n\r\nAll", answer);
    }

    [Theory]
    [InlineData("app.3f9a1c07.js", "public, max-age=31536000, immutable")]
    [InlineData("index-B4xq9Ks2.css", "public, max-age=31536000, immutable")]
    [InlineData("report-20260101.pdf", null)]
    [InlineData("some-document.pdf", null)]
    [InlineData("jquery.js", null)]
    public async Task Names_with_a_hash_may_be_kept_for_ever(string name, string? cacheControl)
    {
        served.Site.Write(name, "x");

        using HttpResponseMessage answer = await served.Http.GetAsync(name);

        Assert.Equal(cacheControl, answer.Headers.CacheControl is { } value ? string.Join(", ", value.ToString().Split(", ")
            .OrderBy(part => part == "immutable").ThenBy(part => part != "public")) : null);
    }

    [Theory]
    [InlineData("picture.avif", "image/avif")]
    [InlineData("module.mjs", "text/javascript; charset=utf-8")]
    [InlineData("code.wasm", "application/wasm")]
    [InlineData("font.woff2", "font/woff2")]
    [InlineData("site.webmanifest", "application/manifest+json; charset=utf-8")]
    [InlineData("drawing.svg", "image/svg+xml; charset=utf-8")]
    [InlineData("LICENSE", "application/octet-stream")]
    [InlineData("READ.ME.XYZ", "application/octet-stream")]
    public async Task Files_have_the_type_that_browsers_need(string name, string type)
    {
        served.Site.Write(name, "x");

        using HttpResponseMessage answer = await served.Http.GetAsync(name);

        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_large_file_that_grows_is_sent_as_it_was_promised()
    {
        served.Site.Write("large.txt", new string('a', 1 << 20));
        using HttpResponseMessage before = await served.Http.GetAsync("large.txt");
        served.Site.Write("large.txt", new string('b', 2 << 20));
        using HttpResponseMessage after = await served.Http.GetAsync("large.txt");

        Assert.Equal(new string('a', 1 << 20), await before.Content.ReadAsStringAsync());
        Assert.Equal(new string('b', 2 << 20), await after.Content.ReadAsStringAsync());
    }

    private static string Decode(byte[] body, string coding)
    {
        using Stream stream = coding switch
        {
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        return new StreamReader(stream).ReadToEnd();
    }

    private Task<string> GetRawAsync(string target, string headers) =>
        served.Server.RawAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n");
}
