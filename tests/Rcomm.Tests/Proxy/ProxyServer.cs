using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Connections.Tls;
using Rcomm.Proxy;
using Rcomm.Server;
using Rcomm.Settings;

namespace Rcomm.Tests.Proxy;

/// <summary>The server of <c>rcomm proxy</c> in this process, on its own port.</summary>
internal sealed class ProxyServer : IAsyncDisposable
{
    /// <summary>The maximum wait for something that should happen at once.</summary>
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly ServerSockets _sockets;
    private readonly CertificateStore? _certificates;
    private readonly CapturedLog _log;

    private ProxyServer(WebApplication app, ServerSockets sockets, CertificateStore? certificates, CapturedLog log) =>
        (_app, _sockets, _certificates, _log) = (app, sockets, certificates, log);

    public int Port => _sockets.Site[0].Address.Port;

    public ReverseProxy Proxy => _app.Services.GetRequiredService<ReverseProxy>();

    /// <summary>The lines of the log at the default level, including exceptions.</summary>
    public IEnumerable<string> Log => _log.Lines;

    /// <summary>
    /// Starts a server; a setting is written <c>name=value</c>, <c>proxy</c> is the JSON of routes in a file, and <c>file</c> that of a whole file.
    /// </summary>
    public static async Task<ProxyServer> StartAsync(string upstream, params string[] settings)
    {
        Dictionary<string, string> flags = new() { ["port"] = "0", ["access-log"] = "off" };
        if (upstream != "") flags["upstream"] = upstream;
        foreach (string setting in settings)
            flags[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        ConfigurationFile configuration = flags.Remove("proxy", out string? routes) ? FileWith($$"""{ "site": { "proxy": {{routes}} } }""")
            : flags.Remove("file", out string? file) ? FileWith(file) : ConfigurationFile.None;
        ServeSettings read = ServeSettings.From(new SettingSources(flags, EnvironmentFile.None, new Dictionary<string, string>(), configuration));
        CertificateStore? certificates = read.Tls is null ? null : CertificateStore.Load(read.Tls);
        var sockets = ServerSockets.Open(read, null, [], _ => { });
        WebApplication app = ServerBuilder.Build(read, sockets, certificates, _ => { });
        var log = new CapturedLog();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await app.StartAsync();
        return new(app, sockets, certificates, log);
    }

    /// <summary>The responses to these bytes until the server closes, as Latin-1.</summary>
    public async Task<string> SendAsync(string latin1)
    {
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(latin1));
        return await ReadToEndAsync(socket);
    }

    /// <summary>The response to a GET of this path with these header lines.</summary>
    public Task<string> GetAsync(string path, string fields = "") => SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n");

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return socket;
    }

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var read = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int count) read.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // A reset also ends it.
        }
        return Encoding.Latin1.GetString(read.ToArray());
    }

    /// <summary>Reads until a text has arrived.</summary>
    public static async Task<string> ReadUntilAsync(Socket socket, string text)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        string read = "";
        byte[] buffer = new byte[4096];
        while (!read.Contains(text, StringComparison.Ordinal))
        {
            int count = await socket.ReceiveAsync(buffer, limit.Token);
            Assert.True(count > 0, $"The connection ended after: {read}");
            read += Encoding.Latin1.GetString(buffer, 0, count);
        }
        return read;
    }

    /// <summary>The body of a response, with its chunks joined.</summary>
    public static string BodyOf(string answer)
    {
        string[] parts = answer.Split("\r\n\r\n", 2);
        if (!parts[0].Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)) return parts[1];
        var body = new StringBuilder();
        for (string rest = parts[1]; ;)
        {
            int end = rest.IndexOf("\r\n", StringComparison.Ordinal);
            int size = int.Parse(rest.AsSpan(0, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0) return body.ToString();
            body.Append(rest, end + 2, size);
            rest = rest[(end + 2 + size + 2)..];
        }
    }

    /// <summary>Waits until a condition is true.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (!isSo()) await Task.Delay(10, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        // At once, even with open connections.
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
        _sockets.Dispose();
        _certificates?.Dispose();
    }

    private static ConfigurationFile FileWith(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return ConfigurationFile.Read(path, null);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class CapturedLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(exception is null ? formatter(state, exception) : $"{formatter(state, exception)}\n{exception}");

        public void Dispose()
        {
        }
    }
}
