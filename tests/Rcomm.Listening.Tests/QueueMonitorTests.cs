using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Tests;

public sealed class QueueMonitorTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private static readonly ListenDrops Losses = new();

    [Fact]
    public void A_reading_has_depth_backlog_and_drops_from_the_socket_itself()
    {
        using ListenSocket socket = Open(backlog: 5);
        var sinceFirst = Stopwatch.StartNew();
        using var clients = new WaitingClients(socket.Address.Port, 12);

        QueueReading reading = socket.ReadQueue()!.Value;

        // After a second those that were dropped try again.
        long tries = 1 + (long)sinceFirst.Elapsed.TotalSeconds;
        Assert.Equal((6, 5, true), (reading.Depth, reading.Backlog, reading.IsFull));
        Assert.InRange(reading.Drops!.Value, 6, 6 * tries);
    }

    [Fact]
    public void A_Unix_sockets_reading_has_no_drops()
    {
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse($"unix:@rcomm-test-{Guid.NewGuid()}"), new() { Backlog = Backlog.Of(5) });
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint("\0" + socket.Address.UnixPath![1..]));

        Assert.Equal(new QueueReading(1, 5, null), socket.ReadQueue());
    }

    [Fact]
    public async Task The_peak_of_a_burst_between_two_ticks_is_caught_by_the_accept_loop()
    {
        using ListenSocket socket = Open(backlog: 64);
        var monitor = new QueueMonitor(socket);
        using var clients = new WaitingClients(socket.Address.Port, 40);
        var loop = new AcceptLoop(socket, connection => connection.Dispose(), monitor);

        loop.Start();
        await loop.DrainAsync().WaitAsync(WaitTimeout);

        QueueSnapshot snapshot = monitor.Snapshot();
        Assert.Equal((40, 40), (snapshot.Peak, snapshot.Accepts));
        Assert.Equal(40, snapshot.PeakOfLastMinute);
        Assert.Equal(0, snapshot.Depth);
    }

    [Fact]
    public async Task A_connections_wait_is_the_kernels_own_measure_of_it()
    {
        using ListenSocket socket = Open(backlog: 5);
        var monitor = new QueueMonitor(socket);
        var since = Stopwatch.StartNew();
        using var clients = new WaitingClients(socket.Address.Port, 1);
        // This pause is what the test measures; it doesn't wait for anything.
        Thread.Sleep(300);
        var loop = new AcceptLoop(socket, connection => connection.Dispose(), monitor);

        loop.Start();
        await loop.DrainAsync().WaitAsync(WaitTimeout);

        Assert.InRange(monitor.Snapshot().AcceptWait!.Max, 290, 1.1 * since.Elapsed.TotalMilliseconds + 10);
    }

    [Fact]
    public void Measuring_the_wait_can_be_turned_off()
    {
        using ListenSocket socket = Open(backlog: 5);

        Assert.Null(new QueueMonitor(socket, new() { AcceptWait = false }).Snapshot().AcceptWait);
    }

    [Fact]
    public void Drops_are_told_once_with_the_backlog_that_would_have_held_them()
    {
        using ListenSocket socket = Open(backlog: 5);
        var monitor = new QueueMonitor(socket);
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;
        using var clients = new WaitingClients(socket.Address.Port, 12);
        clients.GiveUp();

        Assert.True(SpinWait.SpinUntil(() => { monitor.Tick(Losses.Read); return !events.IsEmpty; }, WaitTimeout));

        var began = Assert.IsType<QueueEvent.DropsStarted>(events.First());
        Assert.True(began.Drops >= 6);
        Assert.Equal((6, 5), (began.Peak, began.Backlog));
        Assert.Equal(16, began.Advice.Backlog);
        Assert.True(monitor.Snapshot().Drops >= 6);
        Assert.Equal(16, monitor.Snapshot().Advice?.Backlog);

        socket.Resize(Backlog.Of(16));

        Assert.Null(monitor.Snapshot().Advice);
    }

    [Fact]
    public void A_queue_that_fills_up_and_is_emptied_during_a_tick_was_full_for_the_tick_that_reads_its_drops()
    {
        using ListenSocket socket = Open(backlog: 5);
        var monitor = new QueueMonitor(socket);
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;

        // The tick has read the socket's drops before, and ends after this.
        monitor.Tick(() =>
        {
            using var clients = new WaitingClients(socket.Address.Port, 12);
            clients.GiveUp();
            var loop = new AcceptLoop(socket, connection => connection.Dispose(), monitor);
            loop.Start();
            Assert.True(loop.DrainAsync().Wait(WaitTimeout));
            return Losses.Read();
        });
        Assert.True(SpinWait.SpinUntil(() => { monitor.Tick(Losses.Read); return events.OfType<QueueEvent.DropsStarted>().Any(); }, WaitTimeout));

        QueueEvent.DropsStarted began = events.OfType<QueueEvent.DropsStarted>().Single();
        Assert.Equal((6, 5), (began.Peak, began.Backlog));
    }

    [Fact]
    public void A_queue_that_nobody_empties_is_a_stall_and_not_ready_and_both_end()
    {
        using ListenSocket socket = Open(backlog: 5);
        var monitor = new QueueMonitor(socket, new() { StallTime = TimeSpan.FromMilliseconds(50) });
        var events = new ConcurrentQueue<QueueEvent>();
        monitor.EventOccurred += events.Enqueue;
        monitor.Tick(Losses.Read);
        using var clients = new WaitingClients(socket.Address.Port, 1);

        Assert.True(SpinWait.SpinUntil(() => { monitor.Tick(Losses.Read); return events.OfType<QueueEvent.Stalled>().Any(); }, WaitTimeout));
        Assert.False(monitor.IsReady);

        socket.Socket.Accept().Dispose();
        Assert.True(SpinWait.SpinUntil(() => { monitor.Tick(Losses.Read); return events.OfType<QueueEvent.StallEnded>().Any(); }, WaitTimeout));
        Assert.True(monitor.IsReady);
    }

    [Fact]
    public void A_queue_that_stays_full_is_not_ready()
    {
        using ListenSocket socket = Open(backlog: 2);
        var monitor = new QueueMonitor(socket, new() { FullTime = TimeSpan.FromMilliseconds(50), StallTime = TimeSpan.FromHours(1) });
        using var clients = new WaitingClients(socket.Address.Port, 3);

        Assert.True(SpinWait.SpinUntil(() => { monitor.Tick(Losses.Read); return !monitor.IsReady; }, WaitTimeout));
        Assert.True(monitor.Snapshot().FullSeconds >= 0.05);
    }

    [Fact]
    public void The_meter_tells_each_queues_numbers_with_its_address()
    {
        using ListenSocket socket = Open(backlog: 7);
        using var clients = new WaitingClients(socket.Address.Port, 3);
        var monitor = new QueueMonitor(socket);
        monitor.Tick(Losses.Read);
        using IDisposable registration = QueueMetrics.Register(monitor);
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == QueueMetrics.MeterName) listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(3, seen["rcomm.listen_queue.depth"]);
        Assert.Equal(3, seen["rcomm.listen_queue.peak"]);
        Assert.Equal(7, seen["rcomm.listen_queue.backlog"]);
        Assert.Equal(0, seen["rcomm.listen_queue.drops"]);
        Assert.Equal(0, seen["rcomm.accepts"]);
        Assert.Equal(0, seen["rcomm.accept.stalled"]);
        Assert.Equal(0, seen["rcomm.listen_queue.full_time"]);

        void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                if (tag is { Key: "server.port", Value: int port } && port == socket.Address.Port) seen[instrument.Name] = value;
        }
    }

    private static ListenSocket Open(int backlog) =>
        ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(backlog) });
}
