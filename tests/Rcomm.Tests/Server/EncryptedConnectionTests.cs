using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

public sealed class EncryptedConnectionTests : EncryptedTestBase
{
    [Fact]
    public async Task A_connection_goes_to_Kestrel_and_comes_back_as_often_as_it_takes()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        long before = FastPathMetrics.Answered;
        string expected = await AnswerAsync(_off, Plain);
        for (int i = 0; i < 20; i++)
        {
            await client.WriteAsync("GET /missing HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            await ReadAnswerAsync(client, expected: null);
            // Kestrel may answer the first one, which returns the connection.
            for (int j = 0; j < 3; j++)
            {
                await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
                await ReadAnswerAsync(client, expected);
            }
        }
        Assert.True(FastPathMetrics.Answered - before >= 40);
    }

    [Fact]
    public async Task What_only_answers_over_TLS_say_is_in_no_other()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Contains("\r\nStrict-Transport-Security: max-age=31536000\r\n", await AnswerAsync(_on, Plain));
            Assert.DoesNotContain("Strict-Transport-Security", await PlainAnswerAsync());
        }

        async Task<string> PlainAnswerAsync()
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(UnixPath));
            await client.SendAsync(Encoding.ASCII.GetBytes(Plain));
            client.Shutdown(SocketShutdown.Send);
            return await RawHttp.ReadToEndAsync(client);
        }
    }

    [Fact]
    public async Task A_request_that_is_sent_after_a_change_sees_it()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        for (int i = 1; i < 300; i++)
        {
            string path = Path.Combine(_site.Folder, "next.txt");
            await File.WriteAllTextAsync(path, new string((char)('a' + i % 26), i));
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2).AddSeconds(i));
            File.Move(path, Path.Combine(_site.Root, "changing.txt"), overwrite: true);

            for (int j = 0; j < 2; j++)
            {
                await client.WriteAsync("GET /changing.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
                string answer = await ReadAnswerAsync(client, expected: null);
                Assert.EndsWith($"\r\n\r\n{new string((char)('a' + i % 26), i)}", answer);
            }
        }
    }

    [Fact]
    public async Task A_client_that_has_sent_a_close_notify_gets_its_answers()
    {
        string expected = await AnswerAsync(_off, Plain);
        for (int i = 0; i < 3; i++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain + Plain));
            await client.ShutdownAsync();

            Assert.Equal(expected + expected, await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task An_idle_connection_is_closed_with_a_close_notify()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} {Arguments} --idle-timeout 3s");
        await using SslStream client = await server.ConnectTlsAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
            await ReadAnswerAsync(client, expected: null);
        }

        // Without one it would throw.
        Assert.Equal("", await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_server_that_stops_ends_an_idle_connection()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} {Arguments}");
        await using SslStream client = await server.ConnectTlsAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
            await ReadAnswerAsync(client, expected: null);
        }

        Task stopped = server.StopAsync();
        Assert.Equal("", await ReadToEndAsync(client));
        await stopped.WaitAsync(WaitTimeout);
    }

    // Up to the end of the body that Content-Length promises.
    private static async Task<string> ReadAnswerAsync(SslStream client, string? expected)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (true)
        {
            int read = await client.ReadAsync(buffer, limit.Token);
            Assert.NotEqual(0, read);
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            string answer = text.ToString();
            int body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (body < 4) continue;
            string length = answer.Split("Content-Length: ")[1].Split('\r')[0];
            if (answer.Length < body + int.Parse(length, CultureInfo.InvariantCulture)) continue;
            if (expected is not null) Assert.Equal(expected, BothPaths.WithoutDate(answer));
            return answer;
        }
    }
}
