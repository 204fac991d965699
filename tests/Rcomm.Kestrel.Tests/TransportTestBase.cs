using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Kestrel.Tests;

/// <summary>What the tests of Transport share.</summary>
public abstract class TransportTestBase
{
    private protected static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public static TheoryData<ConnectionTransport> Transports => [ConnectionTransport.Sockets, ConnectionTransport.Epoll, ConnectionTransport.EpollInline];

    private protected static async Task<WebApplication> StartAsync(ConnectionTransport transport, Action<WebApplication>? map = null,
        Action<ListenOptions>? configureEndpoint = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => configureEndpoint?.Invoke(endpoint));
        });
        builder.WebHost.UseListenQueue(options => options.Transport = transport);
        WebApplication app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return app;
    }

    private protected static Socket Connect(WebApplication app)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, app.Services.GetRequiredService<ListenQueues>().All.Single().Address.Port);
        return socket;
    }

    private protected static async Task SendAsync(Socket client, string text)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text);
        while (rest.Length > 0) rest = rest[await client.SendAsync(rest)..];
    }

    private protected static async Task<string> ReadToEndAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        for (int read; (read = await client.ReceiveAsync(buffer, limit.Token)) > 0;) text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return text.ToString();
    }
}
