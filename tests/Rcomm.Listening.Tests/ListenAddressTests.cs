using System.Net;
using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.Tests;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:7878")]
    [InlineData("[::1]:7878")]
    [InlineData("0.0.0.0:80")]
    [InlineData("[::]:80")]
    [InlineData("*:80")]
    [InlineData("localhost:7878")]
    [InlineData("127.0.0.1:0")]
    [InlineData("unix:/run/rcomm/http.sock")]
    [InlineData("unix:relative.sock")]
    [InlineData("unix:@name")]
    public void An_address_prints_as_it_was_written(string text) => Assert.Equal(text, ListenAddress.Parse(text).ToString());

    [Theory]
    [InlineData("[0:0::1]:7878", "[::1]:7878")]
    [InlineData("LOCALHOST:1", "localhost:1")]
    [InlineData(" 127.0.0.1:1 ", "127.0.0.1:1")]
    [InlineData("UNIX:/x", "unix:/x")]
    [InlineData(":7878", "*:7878")]
    public void Other_spellings_become_the_usual_one(string text, string printed) =>
        Assert.Equal(printed, ListenAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("7878")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("127.0.0.1:8o")]
    [InlineData("127.0.0:80")]
    [InlineData("256.0.0.1:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[::1:80")]
    [InlineData("example.com:80")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("unix:")]
    [InlineData("unix:@")]
    [InlineData("unix:a\0b")]
    public void What_is_no_address_is_quoted_and_a_good_one_shown(string? text)
    {
        Assert.False(ListenAddress.TryParse(text, out _, out string? error));
        Assert.Contains($"\"{text}\"", error);
        Assert.Contains("127.0.0.1:7878", error);
        Assert.Equal(error, Assert.Throws<FormatException>(() => ListenAddress.Parse(text!)).Message);
    }

    [Fact]
    public void A_Unix_path_may_have_107_bytes_and_no_more()
    {
        Assert.True(ListenAddress.TryParse("unix:/" + new string('a', 106), out _, out _));
        Assert.False(ListenAddress.TryParse("unix:/" + new string('a', 107), out _, out string? error));
        Assert.Contains("108 bytes", error);
        Assert.False(ListenAddress.TryParse("unix:/" + new string('ä', 54), out _, out _));
    }

    [Fact]
    public void Localhost_stands_for_both_loopbacks()
    {
        IReadOnlyList<ListenAddress> both = ListenAddress.Parse("localhost:80").Expand();

        Assert.Equal(["127.0.0.1:80", "[::1]:80"], both.Select(address => address.ToString()));
    }

    [Fact]
    public void Addresses_are_equal_by_what_they_say()
    {
        Assert.Equal(ListenAddress.Parse("[0::1]:80"), ListenAddress.Of(new IPEndPoint(IPAddress.IPv6Loopback, 80)));
        Assert.NotEqual(ListenAddress.Parse("127.0.0.1:80"), ListenAddress.Parse("127.0.0.1:81"));
    }

    [Theory]
    [InlineData("*:80", "127.0.0.1:80", true)]
    [InlineData("*:80", "[::]:80", true)]
    [InlineData("*:80", "localhost:80", true)]
    [InlineData("[::]:80", "0.0.0.0:80", true)]
    [InlineData("0.0.0.0:80", "127.0.0.1:80", true)]
    [InlineData("0.0.0.0:80", "[::1]:80", false)]
    [InlineData("0.0.0.0:80", "*:80", false)]
    [InlineData("127.0.0.1:80", "127.0.0.1:80", true)]
    [InlineData("127.0.0.1:80", "0.0.0.0:80", false)]
    [InlineData("*:80", "127.0.0.1:81", false)]
    [InlineData("*:0", "127.0.0.1:0", false)]
    [InlineData("*:80", "unix:/run/x.sock", false)]
    public void A_wildcard_covers_the_addresses_of_its_port(string one, string other, bool covers) =>
        Assert.Equal(covers, ListenAddress.Parse(one).Covers(ListenAddress.Parse(other)));
}
