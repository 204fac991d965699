using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Cli;
using Rcomm.Connections.Tls;
using Rcomm.Control;
using Rcomm.Http;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Proxy;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Site;
using Rcomm.Site.FastPath;
using Rcomm.Status;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>One run of <c>rcomm serve</c>: reads the settings, opens the sockets, serves until asked to stop, and stops gracefully.</summary>
internal static class ServerRun
{
    /// <summary>Runs the server. Returns the process's exit code.</summary>
    /// <param name="readSettings">Reads the settings, at the start and at each reload.</param>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static async Task<int> RunAsync(Func<SettingSources> readSettings)
    {
        var stop = new StopSignal();
        // Comes first, since an earlier signal would have the system's default effect.
        using var signals = new Signals(stop);
        SettingSources sources = readSettings();
        ServeSettings settings = ServeSettings.From(sources);
        sources.WarnOfUnknownVariables();

        List<string> warnings = [.. sources.Warnings];
        try
        {
            ProcessLimits.LimitHeap();
            ProcessLimits.LimitThreadPool();
            StartupWarmUp.Start(settings);
            // Everything that can be wrong with the settings is found before a socket is touched.
            using CertificateStore? certificates = settings.Tls is null ? null : CertificateStore.Load(settings.Tls);
            using HandoverClient? running = settings.Takeover ? ServerTakeover.AskForSockets(settings.Control!.UnixPath!) : null;
            if (settings.Takeover && running is null)
                warnings.Add($"No server answers at {settings.Control}, so there is nothing to take over; this server opens its own sockets.");
            using ServerSockets sockets = ServerSockets.Open(settings, running, TakeInherited(), warnings.Add);
            return await ServeAsync(new(sources, settings, readSettings, stop, warnings), sockets, certificates, running, signals);
        }
        catch (ListenException e)
        {
            foreach (string warning in warnings) Console.Error.WriteLine($"rcomm: {warning}");
            Console.Error.WriteLine($"rcomm: {ListenFailureText.Of(e, sources)}");
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> ServeAsync(
        ServerStart start, ServerSockets sockets, CertificateStore? certificates, HandoverClient? running, Signals signals)
    {
        (SettingSources sources, ServeSettings settings, _, StopSignal stop, List<string> warnings) = start;
        await using WebApplication site = ServerBuilder.Build(settings, sockets, certificates, warnings.Add);
        ILogger logger = site.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm");
        foreach (string warning in warnings) ServerLog.Warning(logger, warning);
        if (settings.AdminAccess.Token is null && sockets.Admin.FirstOrDefault(socket => socket.Address.Ip is { } ip && !IPAddress.IsLoopback(ip)
            || socket.Address.IsEveryAddress) is { } open)
            ServerLog.AdminIsOpen(logger, open.Address);

        var drain = site.Services.GetRequiredService<ConnectionDrain>();
        using var memory = new IdleMemoryTrimmer(site.Services.GetRequiredService<ListenQueues>());
        var proxy = site.Services.GetService<ReverseProxy>();
        var sites = site.Services.GetRequiredService<HostedSites>();
        var status = new ServerStatus(site.Services.GetRequiredService<ListenQueues>(), sources)
        {
            Version = ProgramVersion.Text,
            Requests = site.Services.GetRequiredService<RequestMetrics>(),
            IsDraining = () => drain.HasBegun,
            Routes = () => proxy?.Status ?? [],
            Certificates = () => [.. (certificates?.All ?? []).Select(one => new CertificateStatus(one.Name, one.NotAfter))],
            FastPath = () => new(
                settings.FastPath ? FastPathPolicy.WhyOff(settings) : "--fast-path off",
                FastPathMetrics.Connections, FastPathMetrics.Answered, FastPathMetrics.HandedOver, sites.Ready.Count, sites.Ready.Bytes),
            MaxConnections = settings.MaxConnections,
        };
        using var readyMetrics = new ReadyMetrics(sites);
        using var processMetrics = new ProcessMetrics(certificates);
        using var notices = new ServiceNotices(() => status.Queues);
        var parts = new ServerParts(sockets, sites, site.Services.GetService<BasicAuthentication>(), status, notices);
        var server = new ServerControl(start, parts, logger);
        var outputs = site.Services.GetRequiredService<LogOutputs>();
        signals.OnReopenLogs(() => outputs.AccessLog?.Reopen());
        await using WebApplication? admin = sockets.Admin.Count == 0 ? null : AdminServer.Build(sockets.Admin, status, settings.AdminAccess, settings.Log);

        if (admin is not null) await admin.StartAsync();
        await site.StartAsync();
        if (running is not null && await ServerTakeover.FinishAsync(running, sockets, stop, logger) is { } whyNot)
        {
            // This process must answer the clients it has accepted; the running server gets the rest.
            ServerLog.NotTakenOver(logger, whyNot);
            drain.Begin();
            TimedStop.EndAfter(TimedStop.LimitOf(TimeSpan.Zero, settings.ShutdownTimeout), logger);
            await TimedStop.StopAsync(site, settings.ShutdownTimeout);
            return ExitCodes.Failed;
        }
        await using ControlServer? control = sockets.Control is null ? null : new ControlServer(sockets.Control, server, logger);
        outputs.WriteListening([.. sockets.Site, .. sockets.Redirect]);
        LogWhatIsServed(logger, sources, settings, sockets);
        notices.Ready(tookOver: running is not null);
        signals.OnReload(() => _ = server.ReloadOnSignalAsync());

        string reason = await stop.Requested;
        drain.Begin();
        ServerLog.Stopping(logger, reason, settings.ShutdownTimeout.TotalSeconds);
        TimedStop.EndAfter(TimedStop.LimitOf(settings.DrainDelay, settings.ShutdownTimeout), logger);
        await WaitForTakeoverAsync(server, settings.ShutdownTimeout, logger);
        if (server.IsTakenOver)
        {
            // From now on the new process answers operators, probes and the service manager.
            notices.Dispose();
            if (control is not null) await control.DisposeAsync();
            if (admin is not null) await TimedStop.StopAsync(admin, TimedStop.AdminTimeout);
        }
        else
        {
            notices.Stopping();
            await Task.Delay(settings.DrainDelay);
        }
        int cutOff = await TimedStop.StopAsync(site, settings.ShutdownTimeout);
        if (outputs.AccessLog?.Dropped > 0) ServerLog.LinesDropped(logger, outputs.AccessLog.Dropped);
        if (admin is not null) await TimedStop.StopAsync(admin, TimedStop.AdminTimeout);
        if (cutOff > 0) ServerLog.CutOff(logger, cutOff, settings.ShutdownTimeout);
        else ServerLog.Stopped(logger);
        return cutOff > 0 ? ExitCodes.Failed : ExitCodes.Fine;
    }

    // Closing sockets during a handover would leave the new process without them. Whatever it decides, sockets that it may keep are not touched here.
    private static async Task WaitForTakeoverAsync(ServerControl server, TimeSpan atMost, ILogger logger)
    {
        Task decided = server.Handover.CloseAsync();
        if (await Task.WhenAny(decided, Task.Delay(atMost)) != decided) ServerLog.NotDecided(logger);
    }

    private static IReadOnlyList<InheritedSocket> TakeInherited()
    {
        try
        {
            return InheritedSocket.TakeAll();
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }

    private static void LogWhatIsServed(ILogger logger, SettingSources sources, ServeSettings settings, ServerSockets sockets)
    {
        string scheme = settings.Tls is null ? "http" : "https";
        if (!settings.MaxConnectionsIsChosen && ServerBuilder.MaxConnections(settings) is { } max) ServerLog.LimitOfMemory(logger, max, ProcessLimits.Setting);
        foreach (string inherited in sockets.Inherited) ServerLog.Inherited(logger, inherited);
        if (sockets.Site.FirstOrDefault(socket => !socket.Address.IsUnix) is { } first)
            ServerLog.Serving(logger, settings.Proxy.FirstOrDefault(route => route is { Path: "/*", Hosts.Count: 0 }) is { } whole ? string.Join(", ",
                whole.Upstreams) : sources.Find(SiteGroup.DocumentRoot).Text, UrlOf(first.Address, scheme));
        foreach (ProxyRoute route in settings.Proxy)
            ServerLog.ProxyRoute(logger, string.Concat(route.Hosts.Take(1)) + route.Path, string.Join(", ", route.Upstreams), route.Limits.Requests,
                route.Limits.Queue, route.Limits.Wait.TotalSeconds);
        foreach (ListenSocket socket in sockets.Redirect) ServerLog.RedirectsAt(logger, UrlOf(socket.Address, "http"));
        foreach (ListenSocket socket in sockets.Admin)
            ServerLog.AdminPagesAt(logger, socket.Address.IsUnix ? socket.Address.ToString() : UrlOf(socket.Address, "http"));
        ServerLog.AcceptsWith(logger, AcceptMethods.NameOf(AcceptMethods.Resolve(settings.Accept)));
        if (settings.FastPath && FastPathPolicy.WhyOff(settings) is { } whyOff) ServerLog.FastPathIsOff(logger, whyOff);
        else if (settings.FastPath && settings.Tls is { } tls) ServerLog.FastPathOverTls(logger, tls.Http3);
        foreach ((Setting setting, SettingValue written) in sources.Explicit)
            ServerLog.SetBy(logger, setting.Name, setting.Shown(written.Text), written.Where!);
    }

    // A browser can't open a wildcard address.
    private static string UrlOf(ListenAddress address, string scheme) =>
        address.IsWildcard
            ? $"{scheme}://localhost:{address.Port}/"
            : $"{scheme}://{address}/";
}
