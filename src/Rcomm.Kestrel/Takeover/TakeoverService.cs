using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Kestrel.Binding;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Takeover;

/// <summary>Ends a takeover once the application has started, and then waits for the next process to take over from this one.</summary>
internal sealed partial class TakeoverService(
    IOptions<ListenQueueOptions> options, ListenSocketProvider source, IHostApplicationLifetime lifetime, ILogger<TakeoverService> logger) : BackgroundService
{
    private static readonly TimeSpan HandoverTimeout = TimeSpan.FromSeconds(60);
    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.TakeoverSocket is not { } path || !OperatingSystem.IsLinux()) return;

        var started = new TaskCompletionSource();
        using (lifetime.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken);
        if (source.Taken is not null) EndTakeover();
        if (Open(path) is not { } listener) return;
        using Socket next = await HandedOverAsync(listener, stoppingToken);
        HandedOver();
        lifetime.StopApplication();
    }

    // The channel to the process that took over. It sees the channel end only once this one's listener is gone: two of them at one path would remove each other's file.
    private async Task<Socket> HandedOverAsync(ListenSocket listener, CancellationToken stoppingToken)
    {
        var handedOver = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (listener)
        using (var loop = new AcceptLoop(listener, channel =>
        {
            if (handedOver.Task.IsCompleted || !HandOver(channel)) channel.Dispose();
            else handedOver.SetResult(channel);
        }))
        {
            loop.Start();
            return await handedOver.Task.WaitAsync(stoppingToken);
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
            channel.ReceiveTimeout = (int)HandoverTimeout.TotalMilliseconds;
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

    private ListenSocket? Open(string path)
    {
        try
        {
            return ListenSocket.Open(TakenSockets.AddressOf(path), new() { UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }
        catch (ListenException e)
        {
            CannotBeTakenOver(e.Message);
            return null;
        }
    }

    [LoggerMessage(122, LogLevel.Information, "The listening sockets were taken over from the process before this one.")]
    private partial void TakenOver();

    [LoggerMessage(125, LogLevel.Warning, "The process before this one has ended in the middle of the takeover ({Why}); this one has its sockets and goes on.")]
    private partial void OtherIsGone(string why);

    [LoggerMessage(123, LogLevel.Information, "The listening sockets were taken over by another process; this one finishes its requests and stops.")]
    private partial void HandedOver();

    [LoggerMessage(124, LogLevel.Warning, "A takeover came to nothing, and this process goes on: {Why}")]
    private partial void NotHandedOver(string why);

    [LoggerMessage(126, LogLevel.Error, "No process can take over from this one: {Why}")]
    private partial void CannotBeTakenOver(string why);
}
