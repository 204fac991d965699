using System.Net;
using System.Net.Security;

namespace Rcomm.Tests.Server;

/// <summary>Files that are too large for the cache: they are read and sent in pieces, as fast as their client takes them.</summary>
public sealed class LargeFileTests : IDisposable
{
    private const int Size = 6 << 20;

    private readonly SampleSite _site = new();
    private readonly byte[] _content = new byte[Size];

    public LargeFileTests()
    {
        new Random(1).NextBytes(_content);
        File.WriteAllBytes(Path.Combine(_site.Root, "large.bin"), _content);
    }

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("", "1.1")]
    [InlineData("--tls-self-signed", "1.1")]
    [InlineData("--tls-self-signed", "2.0")]
    [InlineData("--transport sockets", "1.1")]
    public async Task A_large_file_comes_whole_to_fast_and_slow_clients(string options, string version)
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} {options}");
        using HttpClient http = Client(server, isTls: options.Contains("tls", StringComparison.Ordinal), Version.Parse(version));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            await using Stream body = await http.GetStreamAsync("large.bin");
            Assert.Equal(_content, await ReadAsync(body, isSlow: i % 2 == 0));
        }));
    }

    [Fact]
    public async Task Parts_of_a_large_file_come_whole()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync(_site.Root);
        using HttpClient http = Client(server, isTls: false, HttpVersion.Version11);
        var request = new HttpRequestMessage(HttpMethod.Get, "large.bin");
        request.Headers.Range = new(100_000, Size - 100_001);

        using HttpResponseMessage response = await http.SendAsync(request);

        Assert.Equal(_content[100_000..^100_000], await response.Content.ReadAsByteArrayAsync());
    }

    // A slow client takes little at a time, and others meanwhile.
    private static async Task<byte[]> ReadAsync(Stream body, bool isSlow)
    {
        var content = new MemoryStream(Size);
        byte[] buffer = new byte[isSlow ? 4096 : 1 << 20];
        for (int read; (read = await body.ReadAsync(buffer)) > 0; content.Write(buffer, 0, read))
            if (isSlow) await Task.Yield();
        return content.ToArray();
    }

    private static HttpClient Client(InProcessServer server, bool isTls, Version version)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"{(isTls ? "https" : "http")}://127.0.0.1:{server.Port}/"),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
