using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Rcomm.Soak;

/// <summary>
/// Clients that never pause: some open a new connection for each request, some keep theirs. Everything that isn't answered completely is a
/// failure.
/// </summary>
internal sealed class Load(int port)
{
    private const int Each = 4;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly byte[] KeepRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
    private static readonly byte[] CloseRequest = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();

    private long _sent;
    private long _answered;
    private TaskCompletionSource? _pause;
    private int _paused;

    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>Lets every client finish its request, and counts the requests sent and those answered completely so far.</summary>
    public async Task<(long Sent, long Answered)> CountAsync()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _pause, goOn);
        while (Volatile.Read(ref _paused) < 2 * Each) await Task.Delay(1);
        (long, long) counted = (_sent, _answered);
        Volatile.Write(ref _pause, null);
        goOn.SetResult();
        while (Volatile.Read(ref _paused) > 0) await Task.Delay(1);
        return counted;
    }

    public Task[] Start(CancellationToken stop) =>
    [
        .. Enumerable.Range(0, Each).Select(_ => Task.Run(() => AskAsync(KeepRequest, stop), CancellationToken.None)),
        .. Enumerable.Range(0, Each).Select(_ => Task.Run(() => AskAsync(CloseRequest, stop), CancellationToken.None)),
    ];

    private async Task AskAsync(byte[] request, CancellationToken stop)
    {
        Socket? socket = null;
        byte[] buffer = new byte[8192];
        while (!stop.IsCancellationRequested)
        {
            if (Volatile.Read(ref _pause) is { } pause)
            {
                Interlocked.Increment(ref _paused);
                await pause.Task;
                Interlocked.Decrement(ref _paused);
            }
            Interlocked.Increment(ref _sent);
            try
            {
                using var limit = new CancellationTokenSource(WaitTimeout);
                socket ??= await ConnectAsync(limit.Token);
                await socket.SendAsync(request, limit.Token);
                bool stays = await ReceiveAsync(socket, buffer, limit.Token);
                Interlocked.Increment(ref _answered);
                if (stays) continue;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidOperationException)
            {
                Failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {(request == KeepRequest ? "kept-alive" : "new connection")}: {e.Message}");
            }
            socket?.Dispose();
            socket = null;
        }
        socket?.Dispose();
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
        return socket;
    }

    // True if the connection stays open for another request.
    private static async Task<bool> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        const string bodyLength = "\r\nContent-Length: 1024\r\n";
        int received = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(received), cancellation);
            if (read == 0) throw new InvalidOperationException($"closed after {received} bytes of an answer");
            received += read;

            int end = buffer.AsSpan(0, received).IndexOf("\r\n\r\n"u8);
            if (end < 0 || received < end + 4 + 1024) continue;
            string head = System.Text.Encoding.ASCII.GetString(buffer, 0, end + 2);
            if (!head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) || !head.Contains(bodyLength, StringComparison.Ordinal))
                throw new InvalidOperationException("another answer: " + head.Split('\r')[0]);
            return !head.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal);
        }
    }
}
