using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Tests;

public sealed class ApplicationTakeoverTests : UseListenQueueTestBase
{
    [Fact]
    public async Task A_new_process_takes_the_sockets_over_and_nobody_is_turned_away()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        await using WebApplication old = await StartAsync(options => options.TakeoverSocket = path, answer: "old");
        string url = UrlOf(old).ToString();
        // The socket is bound before its mode is set, and clients can't connect before it listens.
        await WaitAsync(() => File.Exists(path) && File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.ConnectionClose = true;
        using var stop = new CancellationTokenSource();
        ConcurrentQueue<string> answers = [];
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) answers.Enqueue(await http.GetStringAsync(url));
        });
        await WaitAsync(() => answers.Contains("old"));

        await using WebApplication young = await StartAsync(options => options.TakeoverSocket = path, url: url, answer: "young");
        await old.WaitForShutdownAsync().WaitAsync(WaitTimeout);
        await WaitAsync(() => answers.Contains("young"));
        await stop.CancelAsync();
        await load;

        Assert.Equal("young", await http.GetStringAsync(url));
        await young.StopAsync();
    }

    [Fact]
    public async Task Each_process_is_taken_over_by_the_next()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        WebApplication running = await StartAsync(options => options.TakeoverSocket = path);
        string url = UrlOf(running).ToString();
        for (int i = 0; i < 10; i++)
        {
            await WaitAsync(() => File.Exists(path));
            WebApplication next = await StartAsync(options => options.TakeoverSocket = path, url: url);
            await running.WaitForShutdownAsync().WaitAsync(WaitTimeout);
            await running.DisposeAsync();
            running = next;
        }
        await running.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_file_at_the_takeover_sockets_path_is_left_alone()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "precious");
        await using WebApplication app = await StartAsync(options => options.TakeoverSocket = path);
        using var http = new HttpClient();

        Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
        await app.StopAsync();
        Assert.Equal("precious", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public async Task A_new_process_that_finds_the_old_one_gone_goes_on_with_its_sockets_and_its_own_backlog()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(300) });
        using var old = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        old.Bind(new UnixDomainSocketEndPoint(path));
        old.Listen();
        Task dies = Task.Run(async () =>
        {
            using Socket taker = await old.AcceptAsync();
            using var channel = new MessageChannel(taker);
            channel.Receive();
            channel.Send(
                Encoding.UTF8.GetBytes(
                    "{\"version\":2,\"kind\":\"Sockets\",\"sockets\":[" +
                    $"{{\"role\":\"site\",\"address\":\"{socket.Address}\",\"ownsFile\":false,\"isSystems\":false}}]}}"), [socket]);
            channel.Receive();
        });

        await using WebApplication young = await StartAsync(
            options => (options.TakeoverSocket, options.Backlog) = (path, Backlog.Of(77)), url: $"http://{socket.Address}", answer: "young");

        await dies;
        await WaitAsync(() => socket.ReadQueue()!.Value.Backlog == 77);
        using var http = new HttpClient();
        Assert.Equal("young", await http.GetStringAsync(UrlOf(young)));
        await young.StopAsync();
    }

    [Fact]
    public async Task A_process_of_the_version_before_is_told_so_and_the_application_goes_on()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-{Guid.NewGuid():N}.takeover");
        await using WebApplication app = await StartAsync(options => options.TakeoverSocket = path);
        await WaitAsync(() => File.Exists(path));
        using var old = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await old.ConnectAsync(new UnixDomainSocketEndPoint(path));

        await old.SendAsync("\x01\x04\0\0\0take"u8.ToArray());

        byte[] answer = new byte[5];
        Assert.Equal(5, await old.ReceiveAsync(answer));
        // That version says: "The other process speaks version 2 of the takeover, this one 1. Stop it and start this one."
        Assert.Equal(2, answer[0]);
        using var http = new HttpClient();
        Assert.Equal("hello", await http.GetStringAsync(UrlOf(app)));
    }
}
