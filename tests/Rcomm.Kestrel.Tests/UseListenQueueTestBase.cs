using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rcomm.Kestrel.Tests;

/// <summary>What the tests of UseListenQueue share.</summary>
public abstract class UseListenQueueTestBase
{
    private protected static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private protected static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    private protected static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (!condition()) await Task.Delay(5, limit.Token);
    }

    private protected static async Task<WebApplication> StartAsync(
        Action<ListenQueueOptions>? configure = null, Dictionary<string, string?>? configuration = null, string url = "http://127.0.0.1:0",
        string answer = "hello", Log? log = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log);
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.Services.AddHealthChecks().AddListenQueue();
        builder.WebHost.UseUrls(url);
        builder.WebHost.UseListenQueue(configure);
        WebApplication app = builder.Build();
        app.MapGet("/", () => answer);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private protected sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private protected static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        socket.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8);
        return socket;
    }

    private protected static Uri UrlOf(WebApplication app) => new(app.Urls.Single());
}
