using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Tests;

public sealed class ListenSocketsInKestrelTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_application_is_served_on_every_socket_it_was_given()
    {
        ListenSocket four = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        ListenSocket six = ListenSocket.Open(ListenAddress.Parse("[::1]:0"));
        await using WebApplication app = await StartAsync([four, six], context => context.Response.WriteAsync("hello"));
        using var http = new HttpClient();

        Assert.Equal("hello", await http.GetStringAsync($"http://{four.Address}/"));
        Assert.Equal("hello", await http.GetStringAsync($"http://{six.Address}/"));
    }

    [Fact]
    public async Task The_client_and_server_addresses_are_known_to_the_application()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        await using WebApplication app = await StartAsync([socket], context =>
            context.Response.WriteAsync($"{context.Connection.RemoteIpAddress} {context.Connection.LocalPort}"));
        using var http = new HttpClient();

        Assert.Equal($"127.0.0.1 {socket.Address.Port}", await http.GetStringAsync($"http://{socket.Address}/"));
    }

    [Fact]
    public async Task A_stop_answers_what_waited_in_the_queue()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        await using WebApplication app = Build([socket], context => context.Response.WriteAsync("hello"));
        // Nothing accepts yet: the connection and its request wait in the kernel.
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(System.Net.IPAddress.Loopback, socket.Address.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());

        await app.StartAsync();
        Task stopped = app.StopAsync();

        byte[] answer = new byte[15];
        await client.ReceiveAsync(answer).WaitAsync(WaitTimeout);
        Assert.Equal("HTTP/1.1 200 OK"u8.ToArray(), answer);
        await stopped.WaitAsync(WaitTimeout);
    }

    [Fact]
    public async Task A_stop_does_not_wait_long_for_a_client_that_says_nothing()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        await using WebApplication app = await StartAsync([socket], context => context.Response.WriteAsync("hello"));
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(System.Net.IPAddress.Loopback, socket.Address.Port);

        await app.StopAsync().WaitAsync(WaitTimeout);

        Assert.Equal(0, await silent.ReceiveAsync(new byte[1]).WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task An_option_that_would_have_no_effect_is_an_error()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            StartAsync([socket], _ => Task.CompletedTask, options => options.FirstBytesTimeout = TimeSpan.FromSeconds(1)));

        Assert.Contains("FirstBytesTimeout needs Transport = ConnectionTransport.Epoll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sockets_that_the_application_opened_are_served_beside_its_endpoints()
    {
        ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(21) });
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0))
            .UseListenSockets([socket], options => options.IdleGrace = TimeSpan.FromSeconds(3))
            .UseListenQueue(options => options.Backlog = Backlog.Of(22));
        await using WebApplication app = builder.Build();
        app.Run(context => context.Response.WriteAsync("hello"));
        await app.StartAsync();
        using var http = new HttpClient();

        IReadOnlyList<QueueMonitor> queues = app.Services.GetRequiredService<ListenQueues>().All;
        Assert.Equal([21, 22], queues.Select(queue => queue.Snapshot().Backlog).Order());
        foreach (QueueMonitor queue in queues) Assert.Equal("hello", await http.GetStringAsync($"http://{queue.Address}/"));
        Assert.Equal(TimeSpan.FromSeconds(3), app.Services.GetRequiredService<ConnectionOptions>().IdleGrace);
    }

    internal static async Task<WebApplication> StartAsync(IReadOnlyCollection<ListenSocket> sockets, RequestDelegate handler,
        Action<ConnectionOptions>? configure = null)
    {
        WebApplication app = Build(sockets, handler, configure);
        await app.StartAsync();
        return app;
    }

    private static WebApplication Build(IReadOnlyCollection<ListenSocket> sockets, RequestDelegate handler, Action<ConnectionOptions>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseListenSockets(sockets, configure);
        WebApplication app = builder.Build();
        app.Run(handler);
        return app;
    }
}
