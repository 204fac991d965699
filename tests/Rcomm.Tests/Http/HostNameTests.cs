using Rcomm.Requests;

namespace Rcomm.Tests.Http;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("example.com.", "example.com")]
    [InlineData("example.com:8080", "example.com")]
    [InlineData("Example.com.:8080", "example.com")]
    [InlineData("b\u00fccher.example", "xn--bcher-kva.example")]
    [InlineData("B\u00dcCHER.example.", "xn--bcher-kva.example")]
    [InlineData("XN--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("*.b\u00fccher.example", "*.xn--bcher-kva.example")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("127.0.0.1:80", "127.0.0.1")]
    public void A_name_has_one_form(string text, string name) => Assert.Equal(name, HostName.Normalize(text));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":80")]
    [InlineData("xn--")]
    [InlineData("xn--99999999999")]
    [InlineData("a.xn--99999999999.example:80")]
    public void What_names_nothing_has_none(string text) => Assert.Null(HostName.Normalize(text));

    [Theory]
    [InlineData("\e[31mred", "\\x1B[31mred")]
    [InlineData("a\u009b31m", "a\\x9B31m")]
    [InlineData("a\nb\tc\x7f", "a\\x0Ab\\x09c\\x7F")]
    [InlineData("a\u202eb", "a\\u202Eb")]
    [InlineData("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c")]
    public void What_others_chose_controls_no_terminal(string text, string printed) => Assert.Equal(printed, Printable.Of(text));

    [Theory]
    [InlineData("/a?b", "/a?b")]
    [InlineData("http://x/a?b", "/a?b")]
    [InlineData("http://x", "/")]
    [InlineData("http://x?b", "/?b")]
    [InlineData("*", null)]
    public void The_origin_form_is_what_follows_the_host(string target, string? origin) => Assert.Equal(origin, OriginForm.Of(target));
}
