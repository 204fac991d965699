using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.Burst.Tests;

/// <summary>A server in this process: one thread that accepts connections and handles each as the test requires.</summary>
internal sealed class TestServer : IDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    private readonly Socket _listener;
    private readonly Action<Socket> _meet;
    private readonly Thread _thread;
    private readonly ConcurrentBag<Socket> _kept = [];

    private TestServer(Socket listener, Action<Socket> meet)
    {
        (_listener, _meet) = (listener, meet);
        _thread = new Thread(AcceptAll) { IsBackground = true };
    }

    public EndPoint EndPoint => _listener.LocalEndPoint!;

    public string Url => EndPoint is IPEndPoint ip ? $"http://{ip}/" : $"unix:{EndPoint}";

    /// <summary>The addresses that connected.</summary>
    public ConcurrentQueue<EndPoint> Clients { get; } = [];

    /// <summary>Listens and accepts at once.</summary>
    public static TestServer Start(Action<Socket> meet, EndPoint? at = null)
    {
        TestServer server = Listening(backlog: 1024, meet, at);
        server.BeginToAccept();
        return server;
    }

    /// <summary>Listens, but accepts no connection before <see cref="BeginToAccept"/>.</summary>
    public static TestServer Listening(int backlog, Action<Socket>? meet = null, EndPoint? at = null)
    {
        Socket listener = Bound(at ?? new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(backlog);
        return new TestServer(listener, meet ?? Answer(Ok));
    }

    public static Socket Bound(EndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(at);
        return socket;
    }

    /// <summary>Reads a request, sends the pieces one after the other, and closes.</summary>
    public static Action<Socket> Answer(params string[] pieces) => client =>
    {
        if (client.AddressFamily != AddressFamily.Unix) client.NoDelay = true;
        if (!ReadRequest(client)) return;
        foreach (string piece in pieces) client.Send(Encoding.Latin1.GetBytes(piece));
    };

    public static void Reset(Socket client)
    {
        ReadRequest(client);
        client.LingerState = new LingerOption(true, 0);
    }

    public void BeginToAccept() => _thread.Start();

    /// <summary>Keeps a connection open until the test ends.</summary>
    public void Keep(Socket client) => _kept.Add(client);

    public void Dispose()
    {
        _listener.Dispose();
        if (_thread.ThreadState != ThreadState.Unstarted && _thread.IsAlive) _thread.Join();
        foreach (Socket client in _kept) client.Dispose();
    }

    private static bool ReadRequest(Socket client)
    {
        Span<byte> buffer = stackalloc byte[1024];
        int read, length = 0;
        while (length < buffer.Length && (read = client.Receive(buffer[length..])) > 0)
        {
            length += read;
            if (buffer[..length].EndsWith("\r\n\r\n"u8)) return true;
        }
        return false;
    }

    private void AcceptAll()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = _listener.Accept();
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            if (client.RemoteEndPoint is { } who) Clients.Enqueue(who);
            try
            {
                _meet(client);
            }
            catch (SocketException)
            {
                // The client disconnected first.
            }
            if (!_kept.Contains(client)) client.Dispose();
        }
    }
}
