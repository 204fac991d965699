using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Benchmarks;

/// <summary>
/// A request for a file in memory, on a connection that stays open: from socket to socket, logging to a file. All
/// allocations are the server's; the client allocates nothing.
/// </summary>
public class Answering : IDisposable
{
    private readonly byte[] _buffer = new byte[8192];
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private DirectoryInfo _folder = null!;
    private WebApplication _server = null!;
    private byte[] _request = [];
    private int _answer;

    [Params("whole", "not modified")]
    public string Asked { get; set; } = "whole";

    [GlobalSetup]
    public void Start()
    {
        _folder = Directory.CreateTempSubdirectory("rcomm");
        File.WriteAllText(Path.Combine(_folder.FullName, "page.txt"), new string('x', 1024));
        var flags = new Dictionary<string, string> { ["document-root"] = _folder.FullName, ["port"] = "0", ["access-log"] = Path.Combine(
            _folder.FullName, "access.log") };
        ServeSettings settings = ServeSettings.From(new SettingSources(flags, EnvironmentFile.None, new Dictionary<string, string>(), ConfigurationFile.None));
        ServerSockets sockets = ServerSockets.Open(settings, null, [], _ => { });
        _server = ServerBuilder.Build(settings, sockets, null, _ => { });
        _server.StartAsync().Wait();
        _client.Connect(IPAddress.Loopback, sockets.Site[0].Address.Port);

        _request = "GET /page.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        _client.Send(_request);
        Thread.Sleep(200);
        _answer = _client.Receive(_buffer);
        if (Asked == "whole") return;

        _request = "GET /page.txt HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"u8.ToArray();
        _client.Send(_request);
        Thread.Sleep(200);
        _answer = _client.Receive(_buffer);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _client.Dispose();
        _server.StopAsync().Wait();
        ((IDisposable)_server).Dispose();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public int Answer()
    {
        _client.Send(_request);
        int received = 0;
        while (received < _answer) received += _client.Receive(_buffer, received, _answer - received, SocketFlags.None);
        return received;
    }
}
