using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

/// <summary>
/// Connections that the kernel accepts ahead of the accept loop. No other test of this process runs meanwhile, because these use up most of its descriptors.
/// </summary>
[Collection(nameof(IoUringAcceptTests))]
[CollectionDefinition(nameof(IoUringAcceptTests), DisableParallelization = true)]
public sealed class IoUringAcceptTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public IoUringAcceptTests() =>
        Assert.SkipUnless(AcceptMethods.WhyNoIoUring() is null, "This kernel has no io_uring of Linux 6.3 or later, or doesn't allow it.");

    [Fact]
    public async Task Connections_are_accepted_while_the_loops_own_thread_stands_still_and_wait_in_the_ring()
    {
        const int count = 5000;
        Assert.SkipUnless(DescriptorReserve.Usable > 3 * count, $"This needs {3 * count} descriptors: ulimit -n");
        using var loop = new ControlledLoop(backlog: 1024);
        loop.StandStill();

        using var clients = new LoopClients(loop.Socket, count);

        // All are connected, and the kernel's own queue holds a fifth of them.
        Assert.True(SpinWait.SpinUntil(() => loop.Socket.ReadQueue()!.Value.Depth == 0, WaitTimeout));
        loop.Tick();
        Assert.Equal(count, loop.Monitor.LastDepth);
        loop.GoOn();
        Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 1 + count, WaitTimeout));
        await loop.DrainAsync();
        Assert.Equal(1 + count, loop.Accepted);
        Assert.Equal(count, loop.Monitor.Snapshot().Peak);
        Assert.IsType<IPEndPoint>(loop.Peer);
    }

    [Fact]
    public void The_thread_is_interrupted_also_where_it_computes()
    {
        using var loop = new ControlledLoop(backlog: 8);
        loop.StandStill(computes: true);

        using var clients = new LoopClients(loop.Socket, 200);

        // A connection that leaves the kernel's queue between the two readings would count in both.
        Assert.True(SpinWait.SpinUntil(() => loop.Socket.ReadQueue()!.Value.Depth == 0, WaitTimeout));
        loop.Tick();
        Assert.Equal(200, loop.Monitor.LastDepth);
        loop.GoOn();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Past_the_connection_limit_none_is_accepted_ahead_and_the_rest_waits_in_the_kernels_queue(int limit)
    {
        const int more = 50;
        using var loop = new ControlledLoop(backlog: 4096, new ConnectionLimit(limit));
        loop.StandStill();

        // One waits in the loop's callback.
        using var clients = new LoopClients(loop.Socket, limit - 1 + more);
        Assert.InRange(loop.Socket.ReadQueue()!.Value.Depth, more, limit + more);
        loop.GoOn();

        Assert.True(SpinWait.SpinUntil(() => loop.Accepted == limit, WaitTimeout));
        Assert.True(SpinWait.SpinUntil(() => loop.LimitReached, WaitTimeout));
        Assert.Equal((limit, more), (loop.Accepted, loop.Socket.ReadQueue()!.Value.Depth));
        loop.CloseOne();
        Assert.True(SpinWait.SpinUntil(() => loop.Accepted == limit + 1, WaitTimeout));
        Assert.True(SpinWait.SpinUntil(() => loop.Socket.ReadQueue()!.Value.Depth == more - 1, WaitTimeout));
    }

    [Fact]
    public void Places_that_an_idle_loop_holds_come_back_to_the_loop_that_needs_them()
    {
        const int max = 1000;
        var limit = new ConnectionLimit(max);
        using var idle = new ControlledLoop(backlog: 64, limit);
        using var busy = new ControlledLoop(backlog: 4096, limit);
        using (new LoopClients(idle.Socket, 1)) Assert.True(SpinWait.SpinUntil(() => idle.Accepted == 1, WaitTimeout));

        using var clients = new LoopClients(busy.Socket, max + 20);

        Assert.True(SpinWait.SpinUntil(() => busy.Accepted + idle.Accepted == max, WaitTimeout));
        Assert.True(SpinWait.SpinUntil(() => busy.LimitReached, WaitTimeout));
        Assert.Equal(max, busy.Accepted + idle.Accepted);
        idle.CloseOne();
        Assert.True(SpinWait.SpinUntil(() => busy.Accepted == max, WaitTimeout));
        Assert.Equal(20, busy.Socket.ReadQueue()!.Value.Depth);
    }

    [Fact]
    public async Task A_drain_takes_what_was_accepted_ahead_and_what_waits_and_then_accepts_no_more()
    {
        using var loop = new ControlledLoop(backlog: 4096, new ConnectionLimit(200));
        loop.StandStill();
        using var clients = new LoopClients(loop.Socket, 299);

        Task ended = loop.DrainAsync();
        loop.GoOn();
        await ended;

        Assert.Equal(300, loop.Accepted);
        using var later = new LoopClients(loop.Socket, 1);
        Assert.Equal(1, loop.Socket.ReadQueue()!.Value.Depth);
    }

    [Fact]
    public async Task A_loop_that_waits_ends_at_once_when_it_is_drained()
    {
        using var loop = new ControlledLoop(backlog: 64);
        using (new LoopClients(loop.Socket, 1)) Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 1, WaitTimeout));

        await loop.DrainAsync();

        Assert.Equal(1, loop.Accepted);
    }

    [Fact]
    public void While_another_process_has_the_socket_too_nothing_is_accepted_ahead()
    {
        using var loop = new ControlledLoop(backlog: 512);
        using (new LoopClients(loop.Socket, 1)) Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 1, WaitTimeout));
        loop.Socket.IsInHandover = true;
        loop.StandStill();

        using var clients = new LoopClients(loop.Socket, 100);

        Assert.Equal(100, loop.Socket.ReadQueue()!.Value.Depth);
        loop.GoOn();
        Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 102, WaitTimeout));
        loop.Socket.IsInHandover = false;
        loop.StandStill();
        using var others = new LoopClients(loop.Socket, 100);
        Assert.True(SpinWait.SpinUntil(() => loop.Socket.ReadQueue()!.Value.Depth == 0, WaitTimeout));
        loop.GoOn();
    }

    [Fact]
    public async Task Two_loops_on_one_socket_lose_nobody_whatever_their_methods()
    {
        using var first = new ControlledLoop(backlog: 4096);
        using var second = new ControlledLoop(first.Socket, AcceptMethod.Accept4);
        using var clients = new LoopClients(first.Socket, 500);

        await first.DrainAsync();
        using var others = new LoopClients(first.Socket, 500);
        await second.DrainAsync();

        Assert.Equal(1000, first.Accepted + second.Accepted);
    }

    [Fact]
    public async Task A_socket_that_no_longer_listens_ends_the_loop()
    {
        using var loop = new ControlledLoop(backlog: 64);
        using (new LoopClients(loop.Socket, 1)) Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 1, WaitTimeout));

        loop.Socket.Socket.Shutdown(SocketShutdown.Both);

        await loop.Ended.WaitAsync(WaitTimeout);
        Assert.True(loop.IsBroken);
    }

    [Fact]
    public void A_connection_whose_client_has_reset_it_is_an_error_of_the_accept_and_takes_no_place()
    {
        using var loop = new ControlledLoop(backlog: 512, new ConnectionLimit(150));
        loop.StandStill();
        using (var clients = new LoopClients(loop.Socket, 100)) clients.Reset();

        loop.GoOn();

        using var others = new LoopClients(loop.Socket, 149);
        Assert.True(SpinWait.SpinUntil(() => loop.Accepted == 150, WaitTimeout));
        loop.Tick();
        Assert.Equal(100, loop.Monitor.Snapshot().AcceptErrors[nameof(Errno.ECONNABORTED)]);
    }
}
