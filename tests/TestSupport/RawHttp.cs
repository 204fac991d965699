using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.TestSupport;

/// <summary>Requests byte by byte, as no client library would send them.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

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

    /// <param name="socket">A connection.</param>
    /// <param name="orReset">True if the response may be followed by a reset, because the server refused a request that was still being sent.</param>
    public static async Task<string> ReadToEndAsync(Socket socket, bool orReset = false)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int read) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException e) when (orReset && e.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
        return text.ToString();
    }
}
