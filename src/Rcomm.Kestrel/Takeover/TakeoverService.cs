using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Kestrel.Binding;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Takeover;

/// <summary>Completes a takeover once the application has started, then waits for the next process to take over from this one.</summary>
internal sealed partial class TakeoverService(
    IOptions<ListenQueueOptions> options, ApplicationSockets sockets, IHostApplicationLifetime lifetime,
    ILogger<TakeoverService> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);
    // How long a stop waits for a takeover in progress. The new process may still use the sockets afterwards.
    private static readonly TimeSpan DecisionTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private Task _running = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        sockets.WarnOfUnclaimed();
        // Needs its own thread: the other process may be suspended and answer much later.
        if (options.Value.TakeoverSocket is { } path && OperatingSystem.IsLinux())
            _running = Task.Factory.StartNew(() => Run(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    // Runs before any part of the application stops: closing sockets during the handover would leave the new process without them.
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(sockets.Handover.CloseAsync(), Task.Delay(DecisionTimeout, cancellationToken));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    // An application may be disposed without being stopped.
    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait(DecisionTimeout);
        _stop.Dispose();
    }

    private void Run(string path)
    {
        using ListenSocket? listener = TryOpen(path);
        if (sockets.Running is { } running && !TryFinish(running))
        {
            lifetime.StopApplication();
            return;
        }
        if (listener is null) return;
        using var loop = new AcceptLoop(listener,
            connection => new Thread(() => Answer(connection.ToSocket())) { IsBackground = true, Name = "takeover" }.Start());
        loop.Start();
        _stop.Token.WaitHandle.WaitOne();
        loop.DrainAsync().Wait();
    }

    private ListenSocket? TryOpen(string path)
    {
        try
        {
            return sockets.OpenTakeover(path);
        }
        catch (ListenException e)
        {
            CannotBeTakenOver(e.Message);
            return null;
        }
    }

    private bool TryFinish(HandoverClient running)
    {
        try
        {
            if (running.Finish(_stop.Token) == HandoverOutcome.Released) TakenOver();
            else OtherIsGone();
            sockets.MakeOwn();
            return true;
        }
        catch (OperationCanceledException)
        {
            NotTakenOver("it was stopped before it was ready.");
        }
        catch (IOException e)
        {
            NotTakenOver(e.Message);
        }
        return false;
    }

    private void Answer(Socket connection)
    {
        using var channel = new MessageChannel(connection) { MessageTimeout = AskTimeout };
        try
        {
            byte[] asked = channel.Receive();
            if (!HandoverServer.IsTakeover(asked)) return;
            if (!sockets.Handover.TryHandOver(channel, asked, sent: null, out string? why))
            {
                NotHandedOver(why);
                return;
            }
            HandedOver();
            lifetime.StopApplication();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            NotHandedOver(e.Message);
        }
    }

    [LoggerMessage(122, LogLevel.Information, "Took over the listening sockets from the previous process.")]
    private partial void TakenOver();

    [LoggerMessage(125, LogLevel.Warning, "The previous process ended during the takeover; this process has its sockets and continues.")]
    private partial void OtherIsGone();

    [LoggerMessage(123, LogLevel.Information, "Another process took over the listening sockets; this one finishes its requests and stops.")]
    private partial void HandedOver();

    [LoggerMessage(124, LogLevel.Warning, "A takeover failed; this process continues: {Why}")]
    private partial void NotHandedOver(string why);

    [LoggerMessage(127, LogLevel.Error, "The takeover failed; the previous process continues and this one stops: {Why}")]
    private partial void NotTakenOver(string why);

    [LoggerMessage(126, LogLevel.Error, "No process can take over from this one: {Why}")]
    private partial void CannotBeTakenOver(string why);
}
