using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;
using Rcomm.Settings;

namespace Rcomm.Tests;

public sealed class AccessLogTests
{
    private static readonly DateTime Time = new(2026, 11, 23, 14, 28, 18, 269, DateTimeKind.Utc);

    [Fact]
    public void A_line_for_people_has_time_client_method_path_status_bytes_and_duration() =>
        Assert.Equal("2026-11-23T14:28:18.269Z 192.0.2.7 GET /howdy?a=1 200 4131 1.4ms\n", Format(AccessLogFormat.Line));

    [Fact]
    public void The_common_log_format_is_Apaches() =>
        Assert.Equal("192.0.2.7 - - [23/Nov/2026:14:28:18 +0000] \"GET /howdy?a=1 HTTP/1.1\" 200 4131\n", Format(AccessLogFormat.Common));

    [Fact]
    public void The_combined_log_format_adds_referer_and_user_agent() =>
        Assert.Equal(
            "192.0.2.7 - - [23/Nov/2026:14:28:18 +0000] \"GET /howdy?a=1 HTTP/1.1\" 200 4131 \"-\" \"curl/8\"\n",
            Format(AccessLogFormat.Combined, context => context.Request.Headers.UserAgent = "curl/8"));

    [Fact]
    public void What_a_client_sends_ends_neither_the_quotes_nor_the_line()
    {
        string line = Format(AccessLogFormat.Combined, context => context.Request.Headers.UserAgent = "evil\" 200 1\r\n\\ \x7f");

        Assert.EndsWith("\"evil\\x22 200 1\\x0D\\x0A\\x5C \\x7F\"\n", line);
        Assert.Single(line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_target_cannot_colour_or_move_a_terminal(int format)
    {
        string line = Format((AccessLogFormat)format, context => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/\e[31m\r");

        Assert.Contains("GET /\\x1B[31m\\x0D ", line);
    }

    [Fact]
    public async Task A_request_that_failed_is_logged_as_the_500_that_it_gets()
    {
        string path = Path.GetTempFileName();
        using (LineWriter lines = WriterTo(path))
        {
            using var metrics = new RequestMetrics();
            var recorder = new RequestRecorder(metrics, new AccessLog([lines], AccessLogFormat.Line));
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => recorder.InvokeAsync(new DefaultHttpContext { Request = { Method = "GET" } }, _ => throw new InvalidOperationException()));
        }

        Assert.Contains(" 500 ", await File.ReadAllTextAsync(path));
        File.Delete(path);
    }

    [Fact]
    public void JSON_lines_can_be_read_by_a_program()
    {
        JsonElement entry = JsonDocument.Parse(Format(AccessLogFormat.Json, context => context.Request.Headers.UserAgent = "\"quoted\"")).RootElement;

        Assert.Equal("192.0.2.7", entry.GetProperty("client").GetString());
        Assert.Equal("/howdy?a=1", entry.GetProperty("target").GetString());
        Assert.Equal(200, entry.GetProperty("status").GetInt32());
        Assert.Equal(1.42, entry.GetProperty("durationMs").GetDouble());
        Assert.Equal("\"quoted\"", entry.GetProperty("userAgent").GetString());
        Assert.Equal("request-7", entry.GetProperty("requestId").GetString());
    }

    [Fact]
    public void A_client_on_a_unix_socket_has_no_address() =>
        Assert.Contains("Z unix GET ", Format(AccessLogFormat.Line, context => context.Connection.RemoteIpAddress = null));

    [Fact]
    public void A_mapped_address_is_shown_as_the_IPv4_address_it_is() =>
        Assert.Contains(" 192.0.2.9 GET ", Format(AccessLogFormat.Line, context => context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.9")));

    [Fact]
    public void A_line_that_does_not_fit_is_no_line()
    {
        foreach (AccessLogFormat format in Enum.GetValues<AccessLogFormat>())
            for (int size = 0; size < 40; size++) Assert.False(AccessLogLine.TryFormat(Entry(), format, new byte[size], out _));
    }

    [Theory]
    [InlineData("on", true, null)]
    [InlineData("OFF", false, null)]
    [InlineData("/var/log/rcomm.log", false, "/var/log/rcomm.log")]
    [InlineData("on,/var/log/rcomm.log", true, "/var/log/rcomm.log")]
    public void The_target_is_standard_output_a_file_or_both(string text, bool standardOutput, string? file) =>
        Assert.Equal(new AccessLogTarget(standardOutput, file), SettingParsers.AccessLog(text));

    [Theory]
    [InlineData("onn")]
    [InlineData("")]
    [InlineData("off,/tmp/x")]
    public void A_word_that_is_no_path_is_an_error(string text) => Assert.Throws<FormatException>(() => SettingParsers.AccessLog(text));

    [Fact]
    public void Lines_of_many_threads_stay_whole_and_none_is_lost()
    {
        string path = Path.GetTempFileName();
        LineWriter lines = WriterTo(path);
        Parallel.For(0, 20_000, i => lines.Write(Encoding.ASCII.GetBytes($"line {i}\n")));
        lines.Dispose();

        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"line {i}").Order(), File.ReadAllLines(path).Order());
        Assert.Equal(0, lines.Dropped);
        File.Delete(path);
    }

    [Fact]
    public void Lines_that_the_disk_refuses_are_counted_and_said_once()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        List<string> warnings = [];
        LineWriter lines = WriterTo("/dev/full", warnings.Add);
        for (int i = 0; i < 30_000; i++) lines.Write("a line\n"u8);
        lines.Dispose();

        Assert.Equal(30_000, lines.Dropped);
        Assert.Single(warnings);
    }

    [Fact]
    public async Task A_FIFO_gets_whole_lines_although_its_reader_is_slow_or_comes_late()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a FIFO is made with mkfifo here");
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", path)!) await mkfifo.WaitForExitAsync();
        List<string> warnings = [];
        using var output = new LogFile(path, warnings.Add);
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i} of this log\n")));

        Assert.Equal(20_000, output.Write(lines));
        Assert.Contains("nobody reads this FIFO", Assert.Single(warnings));
        // Opened for both, so that neither side waits for the other.
        using var fifo = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        int lost = output.Write(lines);
        Assert.InRange(lost, 1, 19_999);
        var read = new StringBuilder();
        byte[] buffer = new byte[64 << 10];
        read.Append(Encoding.ASCII.GetString(buffer, 0, fifo.Read(buffer)));
        Assert.Equal(0, output.Write("the last line\n"u8));
        while (!read.ToString().EndsWith("the last line\n", StringComparison.Ordinal)) read.Append(Encoding.ASCII.GetString(buffer, 0, fifo.Read(buffer)));

        string[] written = read.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal([.. Enumerable.Range(0, 20_000 - lost).Select(i => $"line {i} of this log"), "the last line"], written);
        File.Delete(path);
    }

    private static LineWriter WriterTo(string path, Action<string>? warn = null) => new(new LogFile(path, warn ?? (_ => { })), _ => { });

    private static string Format(AccessLogFormat format, Action<HttpContext>? change = null)
    {
        byte[] line = new byte[4096];
        Assert.True(AccessLogLine.TryFormat(Entry(change), format, line, out int length));
        return Encoding.UTF8.GetString(line, 0, length);
    }

    private static AccessEntry Entry(Action<HttpContext>? change = null)
    {
        var context = new DefaultHttpContext { TraceIdentifier = "request-7" };
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        context.Request.Method = "GET";
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Scheme = "http";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/howdy?a=1";
        context.Response.StatusCode = 200;
        context.Response.ContentLength = 4131;
        change?.Invoke(context);
        return AccessEntry.Of(context, TimeSpan.FromMilliseconds(1.42), AccessLogFormat.Json) with { Ended = Time };
    }
}
