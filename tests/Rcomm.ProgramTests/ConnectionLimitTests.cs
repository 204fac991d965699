using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Rcomm.ProgramTests;

public sealed class ConnectionLimitTests : ProxyTestBase, IDisposable
{
    private static readonly byte[] Request = "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly SampleSite _site = new();

    [Fact]
    public async Task Past_the_limit_connections_wait_in_the_listen_queue_until_others_end()
    {
        int count = 0;
        var (threeCame, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using WebApplication upstream = await StartAsync(_ =>
        {
            if (Interlocked.Increment(ref count) == 3) threeCame.SetResult();
            return answer.Task;
        });
        await using RcommProcess server = await ProxyAsync(UrlOf(upstream), "--max-connections 3 --access-log off");
        // The first three have a request in flight, because silent connections are eventually closed to make room.
        List<Socket> clients = [];
        for (int i = 0; i < 10; i++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[i].SendAsync(Request);
            if (i == 2) await threeCame.Task.WaitAsync(RcommProcess.WaitTimeout);
        }

        await server.ErrorLineAsync("the limit of 3 open connections is reached; new ones wait in the listen queue");
        await server.ErrorLineAsync("the connection limit is reached; raise RCOMM_MAX_CONNECTIONS");
        Assert.Equal(7, await DepthAsync(server.Port));

        answer.SetResult();
        foreach (Socket client in clients)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        await server.ErrorLineAsync("accepting again after");
        // There is a line where waiting begins and where it ends, and none for the connections that are let in meanwhile.
        string errors = server.Errors;
        Assert.InRange(errors.Split("the limit of 3").Length - errors.Split("accepting again after").Length, 0, 1);
    }

    [Fact]
    public async Task Past_the_limit_connections_are_turned_away_at_once_where_that_is_asked_for()
    {
        _site.Write("large.txt", new string('x', 20_000_000));
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --max-connections 2 --overload reject --access-log off");
        using Socket first = await LoadingAsync(server), second = await LoadingAsync(server);

        for (int i = 0; i < 5; i++)
        {
            using Socket third = await server.ConnectAsync();
            await third.SendAsync(Request);
            string answer = await RcommProcess.ReadToEndAsync(third);
            Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n", answer);
            Assert.EndsWith("\r\n\r\n503 Service Unavailable\n", answer);
        }

        Assert.EndsWith("xxx", await RcommProcess.ReadToEndAsync(first));
        await server.ErrorLineAsync("new ones are rejected with 503");
        await UntilAnsweredAsync(server);
    }

    [Fact]
    public async Task A_server_at_its_limit_still_answers_those_that_wait_when_it_stops()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --max-connections 1 --access-log off");
        using Socket idle = await server.ConnectAsync();
        List<Socket> waiting = [];
        for (int i = 0; i < 5; i++)
        {
            waiting.Add(await server.ConnectAsync());
            await waiting[i].SendAsync(Request);
        }

        server.Signal(Signals.SIGTERM);

        foreach (Socket client in waiting)
        {
            Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
            client.Dispose();
        }
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Theory]
    [InlineData("--fast-path on", "--max-connections 20", "ulimit -n 4000")]
    [InlineData("--fast-path off", "--max-connections 20", "ulimit -n 4000")]
    [InlineData("--transport sockets", "--max-connections 20", "ulimit -n 4000")]
    [InlineData("--fast-path on", "--max-connections 20 --overload reject", "ulimit -n 4000")]
    [InlineData("--fast-path off", "--max-connections 20 --overload reject", "ulimit -n 4000")]
    [InlineData("--fast-path on", "", "ulimit -n 300")]
    [InlineData("--fast-path off", "", "ulimit -n 300")]
    [InlineData("--transport sockets", "", "ulimit -n 300")]
    public async Task At_the_limit_connections_that_are_kept_alive_and_idle_make_room_for_new_ones(string transport, string arguments, string limit)
    {
        await using RcommProcess server = RcommProcess.StartInShell(limit, $"serve {_site.Root} --port 0 --access-log off {transport} {arguments}");
        await server.ListeningLineAsync();
        int places = arguments == "" ? 250 : 20;
        List<Socket> idle = [];
        for (int i = 0; i < places; i++) idle.Add(await AnsweredAndKeptAsync(server));

        // Connections are rejected until one of the others has been idle for a moment.
        if (arguments.EndsWith("reject", StringComparison.Ordinal)) await UntilAnsweredAsync(server);
        for (int i = 0; i < 30; i++) Assert.StartsWith("HTTP/1.1 200 OK", await server.RawAsync(Encoding.ASCII.GetString(Request)));

        await server.ErrorLineAsync("idle connections were closed to make room for new ones");
        idle.ForEach(socket => socket.Dispose());
    }

    public void Dispose() => _site.Dispose();

    private static async Task<Socket> AnsweredAndKeptAsync(RcommProcess server)
    {
        Socket socket = await server.ConnectAsync();
        await socket.SendAsync("GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.True(await socket.ReceiveAsync(new byte[4096]) > 0);
        return socket;
    }

    // A connection with a response that doesn't fit into its buffers: unlike an idle one, it isn't closed to make room.
    private static async Task<Socket> LoadingAsync(RcommProcess server)
    {
        Socket socket = await server.ConnectAsync();
        await socket.SendAsync("GET /large.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await socket.ReceiveAsync(new byte[1]));
        return socket;
    }

    // The slot of a closed connection is free a moment later.
    private static async Task UntilAnsweredAsync(RcommProcess server)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!(await server.RawAsync(Encoding.ASCII.GetString(Request))).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            limit.Token.ThrowIfCancellationRequested();
    }

    private static async Task<int> DepthAsync(int port) =>
        JsonDocument.Parse((await RcommProcess.RunAsync($"queues --json --port {port}")).Output).RootElement.GetProperty("queues")[0]
            .GetProperty("depth").GetInt32();
}
