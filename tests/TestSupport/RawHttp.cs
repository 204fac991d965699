using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.TestSupport;

/// <summary>Requests byte by byte, as no client library would send them.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Sends a request on a new connection and reads until the server closes it.</summary>
    public static async Task<string> SendAsync(int port, string request)
    {
        using Socket socket = await ConnectAsync(port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request));
        return await ReadToEndAsync(socket);
    }

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, limit.Token)) > 0) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return text.ToString();
    }
}
