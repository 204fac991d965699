using System.Net;

namespace Rcomm.Tests.Server;

/// <summary>HTTP/2 over TLS: responses to requests that arrive together are sent together.</summary>
public sealed class EncryptedHttp2Tests : EncryptedTestBase
{
    [Theory]
    [InlineData("style.css")]
    [InlineData("large.txt")]
    [InlineData("noise.bin")]
    public async Task Many_requests_at_once_are_all_answered_whole(string target)
    {
        using HttpClient client = Client(_on);
        byte[] expected = await File.ReadAllBytesAsync(Path.Combine(_site.Root, target));
        for (int i = 0; i < 3; i++)
        {
            byte[][] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetByteArrayAsync(target)));

            Assert.All(answers, answer => Assert.Equal(expected, answer));
        }
    }

    [Fact]
    public async Task A_request_that_is_sent_after_a_change_sees_it()
    {
        using HttpClient client = Client(_on);
        using var ended = new CancellationTokenSource();
        // Other requests use the same connection all the time, so that file checks are shared.
        _site.Write("changing.txt", "");
        Task[] others = [.. Enumerable.Range(0, 4).Select(_ => AskAsync(client, ended.Token))];
        for (int i = 1; i <= 300; i++)
        {
            string text = new((char)('a' + i % 26), i);
            string path = Path.Combine(_site.Folder, "next.txt");
            await File.WriteAllTextAsync(path, text);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2).AddSeconds(i));
            File.Move(path, Path.Combine(_site.Root, "changing.txt"), overwrite: true);

            Assert.Equal(text, await client.GetStringAsync("changing.txt"));
        }
        await ended.CancelAsync();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_more_does_not_keep_the_server_from_stopping()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} {Arguments}");
        using HttpClient client = Client(server);
        List<HttpResponseMessage> unread = [];
        for (int i = 0; i < 100; i++) unread.Add(await client.GetAsync("noise.bin", HttpCompletionOption.ResponseHeadersRead));

        Task stopped = server.DisposeAsync().AsTask();
        foreach (HttpResponseMessage response in unread) response.Dispose();
        await stopped.WaitAsync(WaitTimeout);
    }

    private static async Task AskAsync(HttpClient client, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested) await client.GetStringAsync("changing.txt", CancellationToken.None);
    }

    private static HttpClient Client(InProcessServer server)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{server.Port}/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = WaitTimeout,
        };
    }
}
