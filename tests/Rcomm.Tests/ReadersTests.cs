using Rcomm.Settings;


namespace Rcomm.Tests;

public sealed class ReadersTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0s", 0)]
    [InlineData("5", 5_000)]
    public void A_time_has_a_unit_or_is_in_seconds(string text, int milliseconds) => Assert.Equal(milliseconds, SettingParsers.Time(text).TotalMilliseconds);

    [Theory]
    [InlineData("-30")]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1 day")]
    [InlineData("999999999h")]
    public void What_is_no_time_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Time(text));

    [Theory]
    [InlineData("65536", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("1M", 1 << 20)]
    [InlineData("1g", 1 << 30)]
    [InlineData("32MB", 32 << 20)]
    [InlineData("32MiB", 32 << 20)]
    [InlineData("8kb", 8192)]
    [InlineData("512B", 512)]
    public void A_size_is_in_bytes_or_has_a_unit(string text, int bytes) => Assert.Equal(bytes, SettingParsers.Size(text));

    [Theory]
    [InlineData("0")]
    [InlineData("2g")]
    [InlineData("k")]
    [InlineData("-1k")]
    public void What_is_no_size_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Size(text));

    [Theory]
    [InlineData("::1", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("*", "*")]
    [InlineData("localhost", "localhost")]
    public void A_host_is_an_address_without_a_port(string text, string host) => Assert.Equal(host, SettingParsers.Host(text));

    [Theory]
    [InlineData("127.0.0.1:80")]
    [InlineData("unix:/x")]
    [InlineData("example.com")]
    [InlineData("")]
    public void What_is_no_host_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Host(text));

    [Theory]
    [InlineData("http://127.0.0.1:3000", "http://127.0.0.1:3000")]
    [InlineData("127.0.0.1:3000", "http://127.0.0.1:3000")]
    [InlineData("localhost:3000", "http://localhost:3000")]
    [InlineData(":3000", "http://127.0.0.1:3000")]
    [InlineData("[::1]:3000", "http://[::1]:3000")]
    [InlineData("https://example.com", "https://example.com")]
    public void An_upstream_is_a_URL_or_a_host_and_a_port(string text, string url) =>
        Assert.Equal(url, Assert.Single(SettingParsers.Upstreams(text)).ToString());

    [Theory]
    [InlineData("example")]
    [InlineData("ftp://example.com")]
    [InlineData("http://")]
    [InlineData(":x")]
    public void An_invalid_upstream_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Upstreams(text));

    [Theory]
    [InlineData("1k", 1024)]
    [InlineData("4K", 4096)]
    [InlineData("1000", 1000)]
    public void A_count_may_be_in_thousands(string text, int count)
    {
        Assert.Equal(count, SettingParsers.Number(0, 65535)(text));
        Assert.Equal(count, SettingParsers.Backlog(text).Connections);
    }

    [Theory]
    [InlineData("-1k")]
    [InlineData("k")]
    [InlineData("9999999999k")]
    [InlineData("2097152k")]
    public void An_invalid_count_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.Backlog(text));

    [Theory]
    [InlineData("warn")]
    [InlineData("warning")]
    public void A_level_has_its_short_name_too(string text) => Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, SettingParsers.Level(text));

    [Fact]
    public void An_address_twice_is_refused() =>
        Assert.Contains("twice", Assert.Throws<FormatException>(() => SettingParsers.Addresses("127.0.0.1:80, 127.0.0.1:80")).Message);

    [Theory]
    [InlineData("0660", 0b110_110_000)]
    [InlineData("777", 0b111_111_111)]
    public void A_file_mode_is_octal(string text, int mode) => Assert.Equal((UnixFileMode)mode, SettingParsers.FileMode(text));

    [Theory]
    [InlineData("888")]
    [InlineData("")]
    [InlineData("1777")]
    [InlineData("rw")]
    public void What_is_no_mode_is_refused(string text) => Assert.Throws<FormatException>(() => SettingParsers.FileMode(text));
}
