using Rcomm.Burst.Results;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.Burst.Tests;

/// <summary>WebSockets against Node's <c>ws</c>, over plain HTTP and over TLS.</summary>
public sealed class NodeWebSocketTests
{
    private const int Some = 40;

    // Debian's node-ws.
    private const string Modules = "/usr/share/nodejs";

    // The path determines what the server does with each WebSocket.
    private const string Script = """
        const { WebSocketServer } = require("ws"), fs = require("fs");
        const [port, certificate, key] = process.argv.slice(2);
        const http = certificate
          ? require("https").createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
          : require("http").createServer();
        const sockets = new WebSocketServer({ noServer: true });
        http.on("upgrade", (request, socket, head) => {
          if (request.url === "/refuse") return socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
          if (request.url === "/wrong")
            return socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
              "Sec-WebSocket-Accept: wrong\r\n\r\n");
          sockets.handleUpgrade(request, socket, head, ws => {
            if (request.url === "/talk") { ws.send("x".repeat(70000)); ws.ping("are you there?"); ws.once("pong", () => ws.close(4000, "thanks")); }
            if (request.url === "/restart") ws.once("ping", () => ws.close(1012, "service restart"));
            if (request.url === "/crash") ws.once("ping", () => socket.destroy());
          });
        });
        http.listen({ port: +port, host: "127.0.0.1", backlog: 1024 });
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WebSockets_that_are_held_answer_pings_until_the_burst_closes_them(bool tls)
    {
        BurstResult result = await Bursts.UntilLongEnoughAsync(TimeSpan.FromMilliseconds(600), hold => RunAsync("", tls, hold),
            result => result.Summary.WebSockets!.MaxPong?.Count == Some);

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new StatusCount(101, Some)], result.Summary.Statuses);
        WebSocketSummary sockets = result.Summary.WebSockets!;
        Assert.Equal((Some, 0), (sockets.Opened, sockets.Closes.Count));
        Assert.InRange(sockets.Pings, Some, long.MaxValue);
        Assert.InRange(sockets.Pongs, Some, sockets.Pings);
        Assert.Equal(Some, sockets.MaxPong!.Count);
    }

    [Theory]
    [InlineData("restart", 1012)]
    [InlineData("crash", 1006)]
    [InlineData("talk", 4000)]
    public async Task WebSockets_that_the_server_closes_are_counted_by_code(string path, int code)
    {
        BurstResult result = await RunAsync(path, tls: false, TimeSpan.FromSeconds(20));

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new CloseCount(code, Some)], result.Summary.WebSockets!.Closes);
        Assert.All(result.Connections, record => Assert.InRange(record.WebSocket!.ClosedUs!.Value, record.EndedUs!.Value, long.MaxValue));
    }

    [Fact]
    public async Task A_hold_of_no_time_ends_with_a_close_that_is_not_the_servers()
    {
        BurstResult result = await RunAsync("", tls: false, TimeSpan.Zero);

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Empty(result.Summary.WebSockets!.Closes);
    }

    [Theory]
    [InlineData("refuse", ConnectionOutcome.WrongStatus)]
    [InlineData("wrong", ConnectionOutcome.BadAnswer)]
    public async Task An_upgrade_that_is_not_accepted_is_not_answered(string path, ConnectionOutcome outcome) =>
        (await RunAsync(path, tls: false, TimeSpan.Zero)).AllWere(outcome);

    private static async Task<BurstResult> RunAsync(string path, bool tls, TimeSpan hold)
    {
        string? node = ServerProcess.Find("node");
        Assert.SkipUnless(node is not null && Directory.Exists(Path.Combine(Modules, "ws")), "needs nodejs and node-ws");
        string folder = ServerProcess.NewFolder();
        (string certificate, string key, _) = TestCertificates.Write(TestCertificates.Localhost, folder);
        string script = Path.Combine(folder, "server.js");
        File.WriteAllText(script, $"module.paths.push(\"{Modules}\");\n{Script}");
        int port = FreePort.Next();
        await using ServerProcess server =
            await ServerProcess.StartAsync(folder, port, node, [script, $"{port}", .. tls ? [certificate, key] : Array.Empty<string>()]);

        return await Bursts.RunAsync($"{(tls ? "wss" : "ws")}://localhost:{port}/{path}", Some, plan => plan with
        {
            Hold = hold,
            PingInterval = TimeSpan.FromMilliseconds(50),
            Tls = new() { TrustedRoots = TestCertificates.Roots },
        });
    }
}
