using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Admin;
using Rcomm.Configuration;
using Rcomm.Listening;
using Rcomm.Logging;

namespace Rcomm.Serving;

/// <summary>One run of <c>rcomm serve</c>: read the settings, open the sockets, serve until a signal, stop without losing anyone.</summary>
internal sealed partial class Server(SettingSources sources)
{
    private ILogger _logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    /// <summary>Serves; returns the process's exit code.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public async Task<int> RunAsync()
    {
        ServeSettings settings = ServeSettings.From(sources);
        sources.WarnOfUnknownVariables();

        List<string> warnings = [.. sources.Warnings];
        List<ListenSocket> sockets, adminSockets;
        try
        {
            sockets = OpenSockets.Open(settings.Addresses, settings.Socket, warnings.Add);
            adminSockets = OpenSockets.Open(settings.Admin, new ListenSocketOptions(), warnings.Add);
        }
        catch (ListenException e)
        {
            Console.Error.WriteLine($"rcomm: {ListenFailureText.Of(e, sources)}");
            return ExitCodes.Failed;
        }

        using var signals = new StopSignals();
        await using WebApplication site = WebServer.Build(settings, sockets);
        _logger = site.Services.GetRequiredService<ILogger<Server>>();
        foreach (string warning in warnings) Warning(warning);
        var drain = site.Services.GetRequiredService<Drain>();
        await using WebApplication? admin = adminSockets.Count == 0
            ? null
            : AdminServer.Build(adminSockets, new ServerStatus(site.Services.GetRequiredService<ListenQueues>(), sources, drain));

        if (admin is not null) await admin.StartAsync();
        await site.StartAsync();
        SayWhatIsServed(sockets, adminSockets);

        Stopping(await signals.First, settings.ShutdownTimeout.TotalSeconds);
        drain.Begin();
        await site.StopAsync();
        if (site.Services.GetService<AccessLog>() is { Dropped: > 0 } accessLog) LinesDropped(accessLog.Dropped);
        if (admin is not null) await admin.StopAsync();
        return ExitCodes.Fine;
    }

    private void SayWhatIsServed(List<ListenSocket> sockets, List<ListenSocket> adminSockets)
    {
        foreach (ListenSocket socket in sockets) ListeningOn(socket.Address, socket.DescribeBacklog());
        if (sockets.Find(socket => !socket.Address.IsUnix) is { } first) Serving(sources.Find(Settings.DocumentRoot).Text, UrlOf(first.Address));
        foreach (ListenSocket socket in adminSockets) AdminPagesAt(socket.Address.IsUnix ? socket.Address.ToString() : UrlOf(socket.Address));
        foreach ((Setting setting, Written written) in sources.NotDefault) SetBy(setting.Name, written.Text, written.Where!);
    }

    // A wildcard is no address that a browser can open.
    private static string UrlOf(ListenAddress address) =>
        address.IsEveryAddress || Equals(address.Ip, System.Net.IPAddress.Any) || Equals(address.Ip, System.Net.IPAddress.IPv6Any)
            ? $"http://localhost:{address.Port}/"
            : $"http://{address}/";

    [LoggerMessage(10, LogLevel.Information, "Listening on {Address} ({Backlog})")]
    private partial void ListeningOn(ListenAddress address, string backlog);

    [LoggerMessage(11, LogLevel.Information, "Serving {DocumentRoot} at {Url}")]
    private partial void Serving(string documentRoot, string url);

    [LoggerMessage(16, LogLevel.Information, "Admin pages at {Url}")]
    private partial void AdminPagesAt(string url);

    [LoggerMessage(12, LogLevel.Information, "Setting {Name}: {Text} (from {Where})")]
    private partial void SetBy(string name, string text, string where);

    [LoggerMessage(13, LogLevel.Warning, "{Message}")]
    private partial void Warning(string message);

    [LoggerMessage(14, LogLevel.Information, "{Signal}: draining the listen queues, then finishing what is in flight (at most {Seconds:0.#} s). Send it again to stop at once.")]
    private partial void Stopping(string signal, double seconds);

    [LoggerMessage(15, LogLevel.Warning, "{Count} access-log lines were dropped: standard output is too slow. Turn them off with RCOMM_ACCESS_LOG=off, or write to something faster.")]
    private partial void LinesDropped(long count);
}
