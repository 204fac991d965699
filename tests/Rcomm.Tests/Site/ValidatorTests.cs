using System.Net;

namespace Rcomm.Tests.Site;

/// <summary>What caches get: tags, times and lifetimes.</summary>
public sealed class ValidatorTests(ServedSite served) : IClassFixture<ServedSite>
{
    [Theory]
    [InlineData(3)]
    [InlineData(300_000)]
    [InlineData(9 << 20)]
    public async Task Other_content_of_the_same_time_and_length_is_sent(int length)
    {
        string name = $"same-{length}.bin";
        WriteIn1970(name, new string('a', length));
        using HttpResponseMessage first = await served.Http.GetAsync(name);
        WriteIn1970(name, new string('b', length));

        using HttpRequestMessage again = new(HttpMethod.Get, name);
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());
        using HttpResponseMessage second = await served.Http.SendAsync(again);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(new string('b', length), await second.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(300_000, false)]
    [InlineData(9 << 20, true)]
    public async Task A_tag_is_strong_where_the_content_was_read_for_it(int length, bool isWeak)
    {
        served.Site.Write($"tag-{length}.bin", new string('a', length));

        using HttpResponseMessage answer = await served.Http.GetAsync($"tag-{length}.bin", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(isWeak, answer.Headers.ETag!.IsWeak);
    }

    [Fact]
    public async Task A_weak_tag_gets_no_part_and_matches_no_If_Match()
    {
        served.Site.Write("weak.bin", new string('a', 9 << 20));
        string tag = (await HeadAsync("/weak.bin", "")).Split("ETag: ")[1].Split('\r')[0];

        Assert.StartsWith("HTTP/1.1 412 ", await HeadAsync("/weak.bin", $"If-Match: {tag}\r\n"));
        Assert.StartsWith("HTTP/1.1 304 ", await HeadAsync("/weak.bin", $"If-None-Match: {tag}\r\n"));
        using HttpRequestMessage part = new(HttpMethod.Get, "weak.bin");
        part.Headers.TryAddWithoutValidation("Range", "bytes=0-1");
        part.Headers.TryAddWithoutValidation("If-Range", tag);
        using HttpResponseMessage whole = await served.Http.SendAsync(part, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
    }

    [Fact]
    public async Task A_304_has_what_guides_a_cache_and_nothing_of_the_content()
    {
        served.Site.Write("app.3f9a1c07.js", string.Concat(Enumerable.Repeat("let a = 1;\n", 200)));
        string whole = await HeadAsync("/app.3f9a1c07.js", "Accept-Encoding: br\r\n");
        string tag = whole.Split("ETag: ")[1].Split('\r')[0];

        string answer = await HeadAsync("/app.3f9a1c07.js", $"Accept-Encoding: br\r\nIf-None-Match: {tag}\r\n");

        Assert.Contains("Content-Encoding: br\r\n", whole);
        Assert.StartsWith("HTTP/1.1 304 ", answer);
        foreach (string name in (string[])["ETag", "Cache-Control", "Vary", "Date"]) Assert.Contains($"{name}: ", answer);
        foreach (string name in (string[])["Content-Type", "Content-Encoding", "Content-Length"]) Assert.DoesNotContain($"{name}: ", answer);
    }

    [Theory]
    [InlineData("Range: bytes=999999-", 416)]
    [InlineData("If-Match: \"other\"", 412)]
    public async Task An_error_may_not_be_kept_as_the_file_may(string header, int status)
    {
        served.Site.Write("app.4f9a1c07.js", "x");

        string answer = await served.Server.RawAsync($"GET /app.4f9a1c07.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        foreach (string name in (string[])["Cache-Control", "ETag", "Last-Modified", "Content-Encoding", "Content-Type", "Vary"])
            Assert.DoesNotContain($"{name}: ", answer);
    }

    [Theory]
    [InlineData(1960)]
    [InlineData(1970)]
    [InlineData(2038)]
    [InlineData(2400)]
    public async Task Last_Modified_is_a_date_and_never_later_than_Date(int year)
    {
        served.Site.Write("time.txt", $"{year}");
        File.SetLastWriteTimeUtc(Path.Combine(served.Site.Root, "time.txt"), new DateTime(year, 6, 1, 0, 0, 0, DateTimeKind.Utc));

        using HttpResponseMessage answer = await served.Http.GetAsync("time.txt");

        Assert.Equal($"{year}", await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Content.Headers.LastModified <= answer.Headers.Date, $"{answer.Content.Headers.LastModified} > {answer.Headers.Date}");
        if (year < 2026) Assert.Equal(year, answer.Content.Headers.LastModified!.Value.Year);
    }

    [Fact]
    public async Task A_file_of_this_moment_is_never_modified_after_the_answer()
    {
        for (int i = 0; i < 20; i++)
        {
            served.Site.Write("now.txt", $"{i}");
            using HttpResponseMessage answer = await served.Http.GetAsync("now.txt");
            Assert.True(answer.Content.Headers.LastModified <= answer.Headers.Date);
            Assert.Equal($"{i}", await answer.Content.ReadAsStringAsync());
        }
    }

    private void WriteIn1970(string name, string text)
    {
        served.Site.Write(name, text);
        File.SetLastWriteTimeUtc(Path.Combine(served.Site.Root, name), DateTime.UnixEpoch);
    }

    private Task<string> HeadAsync(string target, string headers) =>
        served.Server.RawAsync($"HEAD {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
}
