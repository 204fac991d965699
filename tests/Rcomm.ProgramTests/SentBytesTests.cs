using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Rcomm.ProgramTests;

/// <summary>The access log has the bytes that were sent, not those that a response promised.</summary>
public sealed class SentBytesTests : IDisposable
{
    // Far more than the socket buffers of both sides hold.
    private const long Large = 100 << 20;

    private readonly SampleSite _site = new();

    public SentBytesTests()
    {
        using FileStream large = File.Create(Path.Combine(_site.Root, "large.bin"));
        large.SetLength(Large);
    }

    [Theory]
    [InlineData("line", "")]
    [InlineData("common", "")]
    [InlineData("combined", "Range: bytes=0-\r\n")]
    [InlineData("json", "Range: bytes=0-9,50-\r\n")]
    public async Task A_file_whose_client_leaves_has_what_was_sent_of_it(string format, string fields)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --access-log on --access-log-format {format}");

        await LeaveAsync(server.Port, fields);

        Assert.InRange(BytesIn(await server.OutputLineAsync("/large.bin")), 1, Large - 1);
    }

    [Fact]
    public async Task A_forwarded_answer_whose_client_leaves_has_what_was_sent_of_it()
    {
        await using RcommProcess upstream = await RcommProcess.ServeAsync($"{_site.Root} --access-log off");
        await using RcommProcess server = RcommProcess.Start($"proxy http://127.0.0.1:{upstream.Port} --port 0 --access-log on");
        await server.ListeningLineAsync();

        await LeaveAsync(server.Port, "");

        Assert.InRange(BytesIn(await server.OutputLineAsync("/large.bin")), 1, Large - 1);
    }

    [Fact]
    public async Task A_forwarded_answer_of_unknown_length_has_the_bytes_of_its_content()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        await using RcommProcess server = RcommProcess.Start($"proxy http://{upstream.LocalEndpoint} --port 0 --access-log on");
        await server.ListeningLineAsync();
        Task<string> answer = server.RawAsync("GET /chunks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        using Socket connection = await upstream.AcceptSocketAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"u8.ToArray());

        Assert.Contains("hello", await answer, StringComparison.Ordinal);
        Assert.Equal(11, BytesIn(await server.OutputLineAsync("/chunks")));
    }

    [Fact]
    public async Task What_was_sent_whole_has_its_length()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --access-log on");
        using var http = new HttpClient { BaseAddress = server.Url };

        await http.GetByteArrayAsync("large.bin");
        await http.GetByteArrayAsync("noise.bin");
        await http.GetByteArrayAsync("style.css");

        Assert.Equal(Large, BytesIn(await server.OutputLineAsync("/large.bin")));
        Assert.Equal(SampleSite.Noise.Length, BytesIn(await server.OutputLineAsync("/noise.bin")));
        Assert.Equal(18, BytesIn(await server.OutputLineAsync("/style.css")));
    }

    public void Dispose() => _site.Dispose();

    // Reads a little of the large file, and resets the connection.
    private static async Task LeaveAsync(int port, string fields)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        using Socket client = await RawHttp.ConnectAsync(port);
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET /large.bin HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
        byte[] buffer = new byte[64 << 10];
        for (int read = 0; read < 1 << 20;) read += await client.ReceiveAsync(buffer, limit.Token);
        client.LingerState = new LingerOption(enable: true, seconds: 0);
    }

    // After the status, or in JSON under its name.
    private static long BytesIn(string line) =>
        long.Parse(Regex.Match(line, @"(?:""bytes"":| 20[06] )(\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
}
