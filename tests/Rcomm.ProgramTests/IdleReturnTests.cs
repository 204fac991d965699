using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed class IdleReturnTests : IDisposable
{
    private const int Count = 20;

    private readonly SampleSite _site = new();

    [Fact]
    public async Task Idle_connections_go_back_to_the_fast_path_whatever_was_answered_and_go_on_from_there()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --access-log off");
        using var http = new HttpClient { BaseAddress = new Uri((await server.ErrorLineAsync("Admin pages at ")).Split(' ')[^1]) };
        List<Socket> clients = [];
        try
        {
            for (int i = 0; i < Count; i++) clients.Add(await server.ConnectAsync());
            // No part of a file is ready for the fast path.
            foreach (Socket client in clients)
                Assert.StartsWith("HTTP/1.1 206 ", await AskAsync(client, "GET /style.css HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\n"));
            // The body of the last connection's next request is in transit while the others return.
            await clients[^1].SendAsync("POST /style.css HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"u8.ToArray(),
                TestContext.Current.CancellationToken);
            Assert.StartsWith("HTTP/1.1 405 ", await AskAsync(clients[^1], ""));
            await WaitUntilAsync(async () => await ReadAsync(http, "rcomm_fast_path_connections") >= Count - 1);

            // On the fast path the rest of the body would be a request, and answered 400. Kestrel gives up after five seconds, which may be over.
            Assert.DoesNotContain("HTTP/1.1 400 ", await RestAsync(clients[^1]), StringComparison.Ordinal);
            foreach (Socket client in clients[..^1])
            {
                Assert.StartsWith("HTTP/1.1 206 ", await AskAsync(client, "GET /style.css HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\n"));
                Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(client, "HEAD /style.css HTTP/1.1\r\nHost: x\r\n\r\n"));
            }
        }
        finally
        {
            foreach (Socket client in clients) client.Dispose();
        }
    }

    public void Dispose() => _site.Dispose();

    // The head of the response, with the data that arrived together with it.
    private static async Task<string> AskAsync(Socket client, string request)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        await client.SendAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        var answer = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) || !IsWhole(answer.ToString()))
        {
            int read = await client.ReceiveAsync(buffer, limit.Token);
            Assert.NotEqual(0, read);
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        return answer.ToString();

        bool IsWhole(string text)
        {
            if (request.StartsWith("HEAD", StringComparison.Ordinal)) return true;
            int length = int.Parse(text.Split("Content-Length: ")[1].Split("\r\n")[0], CultureInfo.InvariantCulture);
            return text.Length >= text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4 + length;
        }
    }

    // Sends the rest of the body and a last request, and reads what is answered, if the connection is still there.
    private static async Task<string> RestAsync(Socket client)
    {
        try
        {
            await client.SendAsync("cdeGET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
            return await RawHttp.ReadToEndAsync(client, orReset: true);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!await isSo()) await Task.Delay(50, limit.Token);
    }

    private static async Task<long> ReadAsync(HttpClient admin, string name)
    {
        string text = await admin.GetStringAsync("metrics");
        return long.Parse(text.Split('\n').First(line => line.StartsWith(name + "{", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
