using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.ProgramTests;

/// <summary>What the tests of Takeover share.</summary>
public abstract class TakeoverTestBase : IDisposable
{
    private protected static readonly byte[] Request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();

    private protected readonly SampleSite _site = new();

    private protected string Control => Path.Combine(_site.Folder, "control");

    public void Dispose() => _site.Dispose();

    private protected async Task<RcommProcess> ServeAsync(string arguments)
    {
        RcommProcess server = RcommProcess.Start($"serve {_site.Root} --control {Control} {arguments}");
        await server.ListeningLineAsync();
        return server;
    }

    private protected async Task<RcommProcess> TakeOverAsync(string arguments)
    {
        RcommProcess next = RcommProcess.Start($"serve {_site.Root} --takeover --control {Control} {arguments}");
        await next.ErrorLineAsync("Took over from the running server");
        return next;
    }

    private protected static async Task AskAsync(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await client.SendAsync(Request);
        Assert.StartsWith("HTTP/1.1 200 OK", await RcommProcess.ReadToEndAsync(client));
    }

    private readonly List<SafeSocketHandle> _handedOver = [];

    // A new process that has the sockets and never reports that it is ready.
    private protected async Task<MessageChannel> FakeTakerAsync(List<SafeSocketHandle> descriptors)
    {
        var taker = MessageChannel.Connect(Control, RcommProcess.WaitTimeout);
        taker.Send("{\"version\":2,\"kind\":\"Takeover\"}"u8);
        await Task.Run(() => taker.Receive(descriptors));
        // .NET sets SO_LINGER on the server's own socket when a handle of it is finalized.
        _handedOver.AddRange(descriptors);
        return taker;
    }

    private protected static async Task<Socket> AcceptAsync(ListenSocket listener)
    {
        var accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var loop = new AcceptLoop(listener, connection => accepted.SetResult(connection.ToSocket()));
        loop.Start();
        Socket socket = await accepted.Task.WaitAsync(RcommProcess.WaitTimeout);
        await loop.DrainAsync();
        return socket;
    }
}
