using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.Tests.Proxy;

/// <summary>An upstream that records the bytes it receives and responds with raw bytes, without an HTTP library.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<RawConnection, Task> _serve;
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _count;

    private RawUpstream(Socket bound, Func<RawConnection, Task> serve)
    {
        _serve = serve;
        _listener = bound;
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    /// <summary>The received requests, as Latin-1, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Connections => Volatile.Read(ref _count);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>The only received request.</summary>
    public string Request => Assert.Single(Requests);

    /// <summary>Serves each connection by a method.</summary>
    public static RawUpstream Start(Func<RawConnection, Task> serve, Socket? bound = null) => new(bound ?? Bind(), serve);

    /// <summary>A socket that reserves an address and refuses connections until an upstream is started with it.</summary>
    public static Socket Bind(EndPoint? at = null)
    {
        at ??= new IPEndPoint(IPAddress.Loopback, 0);
        var socket = new Socket(at.AddressFamily, SocketType.Stream, at is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        socket.Bind(at);
        return socket;
    }

    /// <summary>Answers every request with the same Latin-1 bytes.</summary>
    public static RawUpstream Answering(string answer, Socket? bound = null) => Start(
        async connection =>
        {
            while (await connection.ReadRequestAsync() is not null) await connection.SendAsync(answer);
        }, bound);

    /// <summary>Answers every request with 200 and two letters.</summary>
    public static RawUpstream Fine(Socket? bound = null) => Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", bound);

    /// <summary>The lines of a request that begin with a field's name.</summary>
    public static string[] Fields(string request, string name) =>
        [.. request.Split("\r\n\r\n")[0].Split("\r\n").Skip(1).Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket = await _listener.AcceptAsync(_stop.Token);
            Interlocked.Increment(ref _count);
            _connections.Add(ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket) await _serve(new RawConnection(socket, Requests, _stop.Token));
    }
}

/// <summary>A connection to a <see cref="RawUpstream"/>.</summary>
internal sealed class RawConnection(Socket socket, ConcurrentQueue<string> requests, CancellationToken stop)
{
    private string _unread = "";

    public Socket Socket => socket;

    public CancellationToken Stop => stop;

    /// <summary>The next request with its body; null at the end of the connection.</summary>
    public async Task<string?> ReadRequestAsync()
    {
        int end;
        while ((end = _unread.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
            if (!await ReadMoreAsync()) return null;
        string head = _unread[..(end + 4)];
        string? length = RawUpstream.Fields(head, "Content-Length").SingleOrDefault();
        int whole = head.Length + (length is null ? 0 : int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture));
        bool isChunked = RawUpstream.Fields(head, "Transfer-Encoding").Length > 0;
        while (isChunked ? !_unread.EndsWith("0\r\n\r\n", StringComparison.Ordinal) : _unread.Length < whole)
            if (!await ReadMoreAsync()) return null;
        string request = isChunked ? _unread : _unread[..whole];
        _unread = _unread[request.Length..];
        requests.Enqueue(request);
        return request;
    }

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, stop)..];
    }

    /// <summary>The next data, as Latin-1; empty at the end.</summary>
    public async Task<string> ReadAsync()
    {
        if (_unread == "") await ReadMoreAsync();
        (string read, _unread) = (_unread, "");
        return read;
    }

    private async Task<bool> ReadMoreAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count = await socket.ReceiveAsync(buffer, stop);
            _unread += Encoding.Latin1.GetString(buffer, 0, count);
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
