using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.Tests.Server;

/// <summary>What the tests of EncryptedFastPath share.</summary>
public abstract class EncryptedTestBase : IAsyncLifetime
{
    private protected const string Arguments = "--tls-self-signed --hsts 365d";
    private protected const string Plain = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n", Last = "GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private protected static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private protected readonly SampleSite _site = new();
    private protected InProcessServer _on = null!;
    private protected InProcessServer _off = null!;

    private protected string UnixPath => Path.Combine(_site.Folder, "site.sock");

    public async ValueTask InitializeAsync()
    {
        _site.Write("large.txt", string.Concat(Enumerable.Repeat("All work and no play makes Jack a dull boy. ", 1400)));
        File.SetLastWriteTimeUtc(Path.Combine(_site.Root, "large.txt"), DateTime.UtcNow.AddHours(-1));
        _on = await InProcessServer.ServeAsync($"{_site.Root} {Arguments} --listen 127.0.0.1:0,unix:{UnixPath}");
        _off = await InProcessServer.ServeAsync($"{_site.Root} {Arguments} --fast-path off");
    }

    public async ValueTask DisposeAsync()
    {
        await _on.DisposeAsync();
        await _off.DisposeAsync();
        _site.Dispose();
    }

    // A client that has closed its sending side still expects its responses. A close_notify would meet a reset if the server has already
    // closed the connection.
    private protected static async Task<string> AnswerAsync(InProcessServer server, string request)
    {
        using Socket connection = await server.ConnectAsync();
        await using SslStream client = await InProcessServer.BeginTlsAsync(connection);
        await client.WriteAsync(Encoding.Latin1.GetBytes(request));
        connection.Shutdown(SocketShutdown.Send);
        return await ReadToEndAsync(client);
    }

    private protected static async Task<string> ReadToEndAsync(SslStream client)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var reader = new StreamReader(client, Encoding.Latin1, leaveOpen: true);
        return BothPaths.WithoutDate(await reader.ReadToEndAsync(limit.Token));
    }
}
