using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Cli;
using Rcomm.Connections.Tls;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Site;
using Rcomm.Site.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>What <c>rcomm serve</c> runs, in the test's own process: the same settings, sockets and pipeline, without signals and a start-up log.</summary>
internal sealed class InProcessServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServerSockets _sockets;

    private InProcessServer(WebApplication app, ServerSockets sockets) => (_app, _sockets) = (app, sockets);

    public int Port => _sockets.Site[0].Address.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public ReadyTable Ready => _app.Services.GetRequiredService<HostedSites>().Ready;

    /// <summary>Reads settings as the command line has them.</summary>
    /// <exception cref="ConfigurationException">One of them is invalid.</exception>
    public static ServeSettings Read(string arguments) => ServeSettings.From(CommandLineSettings.Read(ServeCommand.Create().Parse(arguments)));

    /// <summary>Serves on a free port.</summary>
    public static async Task<InProcessServer> ServeAsync(string arguments)
    {
        ServeSettings settings = Read("--port 0 --access-log off --log-level error " + arguments);
        ServerSockets sockets = ServerSockets.Open(settings, null, [], _ => { });
        CertificateStore? certificates = settings.Tls is null ? null : CertificateStore.Load(settings.Tls);
        WebApplication app = ServerBuilder.Build(settings, sockets, certificates, _ => { });
        await app.StartAsync();
        return new(app, sockets);
    }

    public Task<Socket> ConnectAsync() => RawHttp.ConnectAsync(Port);

    /// <summary>Connects over TLS, for HTTP/1.1; accepts any certificate.</summary>
    public async Task<SslStream> ConnectTlsAsync() => await BeginTlsAsync(await ConnectAsync());

    /// <summary>The same on a connection that is open.</summary>
    public static async Task<SslStream> BeginTlsAsync(Socket connection)
    {
        var stream = new SslStream(new NetworkStream(connection, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return stream;
    }

    /// <inheritdoc cref="RawHttp.SendAsync"/>
    public Task<string> RawAsync(string request) => RawHttp.SendAsync(Port, request);

    /// <summary>Stops as the program does on SIGTERM, and waits until it has.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Ends at once, even with open connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
        _sockets.Dispose();
    }
}
