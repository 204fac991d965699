using Rcomm.Requests;

namespace Rcomm.Tests;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "")]
    [InlineData("/a/b.txt", "a|b.txt")]
    [InlineData("/a%20b", "a b")]
    [InlineData("/%C3%A4", "ä")]
    [InlineData("/a?b/c", "a")]
    [InlineData("//a///b//", "a|b")]
    [InlineData("/a/../b/./c", "a|b|c")]
    [InlineData("/%2e%2e/%2E/a", "a")]
    [InlineData("/%252e%252e/a", "%2e%2e|a")]
    [InlineData("http://host/a/b", "a|b")]
    [InlineData("http://host", "")]
    [InlineData("http://host?x", "")]
    [InlineData("*", "")]
    public void A_target_becomes_names_decoded_once(string target, string segments)
    {
        Assert.True(RequestPath.TryParse(target, out List<string> parsed));
        Assert.Equal(segments, string.Join('|', parsed));
    }

    [Theory]
    [InlineData("/%2F")]
    [InlineData("/a%2fb")]
    [InlineData("/%00")]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%zz")]
    public void What_can_be_no_files_name_is_refused(string target) => Assert.False(RequestPath.TryParse(target, out _));

    [Fact]
    public void Bytes_that_are_not_UTF_8_stay_what_they_are()
    {
        Assert.True(RequestPath.TryParse("/caf%e9/%C0%AE", out List<string> names));
        Assert.Equal("/caf%E9/%C0%AE", RequestPath.ToUrl(names));
        Assert.Equal("caf\udce9", names[0]);
    }

    [Fact]
    public void A_million_odd_targets_never_lead_out_and_never_throw()
    {
        const string alphabet = "/.%2eEfF05cC\\a?:*\0ä~ ";
        var random = new Random(20_261_123);
        Span<char> target = stackalloc char[24];
        for (int i = 0; i < 1_000_000; i++)
        {
            Span<char> text = target[..random.Next(target.Length)];
            for (int at = 0; at < text.Length; at++) text[at] = alphabet[random.Next(alphabet.Length)];

            if (!RequestPath.TryParse(text.ToString(), out List<string> segments)) continue;
            foreach (string segment in segments)
                Assert.False(segment is "" or "." or ".." || segment.Contains('/') || segment.Contains('\0'), text.ToString());
        }
    }

    [Fact]
    public void A_URL_escapes_what_a_path_cannot_hold() => Assert.Equal("/a%20b/%C3%A4%3F", RequestPath.ToUrl(["a b", "ä?"]));

    [Fact]
    public void No_target_whatever_leads_out_of_the_folder()
    {
        string[] pieces = ["/", "//", ".", "..", "%2e", "%2E%2e", "%2f", "%5c", "\\", "%00", "%c0%ae", "%", "%25", "a", "ä", "?", "#", "http://", ":",
            "%e4", "%C3%A4", " ", "*", "\u2215", "\uff0e", "secret"];
        var random = new Random(20261123);
        for (int i = 0; i < 1_000_000; i++)
        {
            string target = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (!RequestPath.TryParse(target, out List<string> names)) continue;
            foreach (string name in names)
                if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')) Assert.Fail($"{target} has the name \"{name}\".");
        }
    }
}
