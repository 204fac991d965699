using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

int port = args.Length > 0 && int.TryParse(args[0], out int asked) ? asked : 7000;
var stop = new TaskCompletionSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.TrySetResult();
});

if (args.Contains("--without"))
{
    var listener = new TcpListener(IPAddress.Loopback, port);
    listener.Start(128);
    Console.WriteLine($"Now listening on: 127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    while (true) _ = EchoAsync(await listener.AcceptSocketAsync());
}

using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse($"127.0.0.1:{port}"), new() { Backlog = Backlog.Max });
using var queues = new ListenQueues();
var monitor = new QueueMonitor(socket);
monitor.EventOccurred += happened => Console.Error.WriteLine(happened);
queues.Add(monitor);
using var loop = new AcceptLoop(socket, connection => _ = EchoAsync(connection.ToSocket()), monitor);
loop.Start();
Console.WriteLine($"Now listening on: {socket.Address} ({socket.DescribeBacklog()})");

await stop.Task;
// Connections that wait in the queue are accepted before the socket closes.
await loop.DrainAsync();

static async Task EchoAsync(Socket connection)
{
    using (connection)
    {
        byte[] buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await connection.ReceiveAsync(buffer)) > 0) await connection.SendAsync(buffer.AsMemory(0, read));
        }
        catch (SocketException)
        {
            // The client has disconnected.
        }
    }
}
