namespace Rcomm.Tests.Server;

public sealed class PlainHttpOnHttpsTests : IDisposable
{
    private readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task A_plain_request_to_a_port_of_HTTPS_is_told_so(string request)
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} --tls-self-signed");

        string answer = await server.RawAsync(request);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer);
        Assert.Contains("Connection: close\r\n", answer);
        Assert.EndsWith("\r\n\r\nA plain HTTP request was sent to an HTTPS port. Use https:// in the URL.\n", answer);
    }

    [Fact]
    public async Task What_is_neither_is_closed_without_an_answer()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} --tls-self-signed");

        Assert.DoesNotContain("HTTP", await server.RawAsync("\0\0\0\0\r\n\r\n"));
    }
}
