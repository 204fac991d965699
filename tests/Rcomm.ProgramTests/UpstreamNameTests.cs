using System.Net;
using System.Net.Sockets;

namespace Rcomm.ProgramTests;

/// <summary>The name of an upstream may later resolve to another address.</summary>
public sealed class UpstreamNameTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task A_name_is_resolved_again_for_each_connection_to_an_upstream()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root gives a process a hosts file of its own");
        using var site = new SampleSite();
        string hosts = Path.Combine(site.Folder, "hosts");
        using TcpListener before = Listen(IPAddress.Parse("127.0.0.2"), 0);
        int port = ((IPEndPoint)before.LocalEndpoint).Port;
        using TcpListener after = Listen(IPAddress.Parse("127.0.0.3"), port);
        await File.WriteAllTextAsync(hosts, "127.0.0.2 upstream.rcomm.test\n");
        await using RcommProcess server = RcommProcess.StartScript(
            $"exec unshare --mount sh -c 'mount --bind {hosts} /etc/hosts && exec \"$0\" proxy http://upstream.rcomm.test:{port} --port 0' \"$0\"");
        await server.ListeningLineAsync();

        Task<string> first = server.RawAsync(Request);
        await AnswerAsync(before);
        Assert.StartsWith("HTTP/1.1 200 ", await first);
        await File.WriteAllTextAsync(hosts, "127.0.0.3 upstream.rcomm.test\n");
        Task<string> second = server.RawAsync(Request);
        await AnswerAsync(after);

        Assert.StartsWith("HTTP/1.1 200 ", await second);
    }

    private static TcpListener Listen(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        return listener;
    }

    // Closes the connection, so that the next request needs a new one.
    private static async Task AnswerAsync(TcpListener upstream)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        using Socket connection = await upstream.AcceptSocketAsync(limit.Token);
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), limit.Token);
    }
}
