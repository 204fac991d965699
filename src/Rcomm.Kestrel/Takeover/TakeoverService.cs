using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Listening;

namespace Rcomm.Kestrel.Takeover;

/// <summary>Ends a takeover once the application has started, and then waits for the next process to take over from this one.</summary>
internal sealed partial class TakeoverService(
    IOptions<ListenQueueOptions> options, SocketSource source, IHostApplicationLifetime lifetime, ILogger<TakeoverService> logger) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.TakeoverSocket is not { } path || !OperatingSystem.IsLinux()) return;

        var started = new TaskCompletionSource();
        using (lifetime.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken);
        if (source.Taken is not null) EndTakeover();
        using Socket listener = Listen(path);
        while (!stoppingToken.IsCancellationRequested)
        {
            using Socket channel = await listener.AcceptAsync(stoppingToken);
            if (await Task.Run(() => HandOver(channel), stoppingToken))
            {
                HandedOver();
                lifetime.StopApplication();
                return;
            }
        }
    }

    private void EndTakeover()
    {
        try
        {
            source.EndTakeover();
            TakenOver();
        }
        catch (SocketException e)
        {
            OtherIsGone(e.Message);
        }
    }

    // True once the other process accepts.
    private bool HandOver(Socket channel)
    {
        try
        {
            if (SocketPassing.PeerOf(channel).User != SocketPassing.OwnUser) return false;
            channel.ReceiveTimeout = (int)Patience.TotalMilliseconds;
            if (TakenSockets.Receive(channel, []) != "take") return false;
            IReadOnlyList<ListenSocket> sockets = source.Sockets;
            TakenSockets.Send(channel, string.Join('\n', sockets.Select(socket => socket.Address)), sockets);
            if (TakenSockets.Receive(channel, []) != "ready") return false;
            foreach (ListenSocket socket in sockets) socket.MarkHeldElsewhere();
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The other process failed before it was ready; this one goes on.
            NotHandedOver(e.Message);
            return false;
        }
    }

    // The file of the process before this one: it is done with it.
    [SupportedOSPlatform("linux")]
    private static Socket Listen(string path)
    {
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        return listener;
    }

    [LoggerMessage(122, LogLevel.Information, "The listening sockets were taken over from the process before this one.")]
    private partial void TakenOver();

    [LoggerMessage(125, LogLevel.Warning, "The process before this one has ended in the middle of the takeover ({Why}); this one has its sockets and goes on.")]
    private partial void OtherIsGone(string why);

    [LoggerMessage(123, LogLevel.Information, "The listening sockets were taken over by another process; this one finishes its requests and stops.")]
    private partial void HandedOver();

    [LoggerMessage(124, LogLevel.Warning, "A takeover came to nothing, and this process goes on: {Why}")]
    private partial void NotHandedOver(string why);
}
