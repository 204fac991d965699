using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Rcomm.Shared.Linux;
using Rcomm.Transport.Connections;

namespace Rcomm.Kestrel.Tests;

public sealed class SendRoomTests : TransportTestBase
{
    [Theory]
    [InlineData(ConnectionTransport.Epoll)]
    [InlineData(ConnectionTransport.EpollInline)]
    public async Task A_wait_for_room_ends_when_it_is_cancelled_and_when_the_client_reads(ConnectionTransport transport)
    {
        var isFull = new TaskCompletionSource();
        var ended = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            ISendRoomFeature room = connection.Features.Get<ISendRoomFeature>()!;
            using var cancellation = new CancellationTokenSource();
            long written = await FillAsync(connection);
            ValueTask<FlushResult> wait = room.WaitForRoomAsync(cancellation.Token);
            Assert.False(wait.IsCompleted);

            await cancellation.CancelAsync();
            await wait;
            await room.WaitForRoomAsync(cancellation.Token);

            wait = room.WaitForRoomAsync(default);
            isFull.SetResult();
            Assert.False((await wait).IsCompleted);
            ended.SetResult(written + await WriteAsync(connection));
        }));
        using Socket client = Connect(app);
        await SendAsync(client, "x");
        await isFull.Task.WaitAsync(WaitTimeout);

        string received = await ReadToEndAsync(client);
        Assert.Equal(await ended.Task.WaitAsync(WaitTimeout), received.Length);
    }

    [Theory]
    [InlineData(ConnectionTransport.Epoll)]
    [InlineData(ConnectionTransport.EpollInline)]
    public async Task A_wait_for_room_ends_when_the_client_is_gone(ConnectionTransport transport)
    {
        var isFull = new TaskCompletionSource();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            ISendRoomFeature room = connection.Features.Get<ISendRoomFeature>()!;
            await FillAsync(connection);
            ValueTask<FlushResult> wait = room.WaitForRoomAsync(default);
            isFull.SetResult();
            await wait;
            // Fails, and is not waited for.
            await WriteAsync(connection);
            ended.SetResult();
        }));
        Socket client = Connect(app);
        await SendAsync(client, "x");
        await isFull.Task.WaitAsync(WaitTimeout);

        client.LingerState = new LingerOption(true, 0);
        client.Dispose();

        await ended.Task.WaitAsync(WaitTimeout);
    }

    [Theory]
    [InlineData(ConnectionTransport.Epoll, false)]
    [InlineData(ConnectionTransport.EpollInline, true)]
    public async Task Between_waits_that_find_room_a_loop_that_runs_handlers_serves_its_other_connections(ConnectionTransport transport, bool yields)
    {
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            ISendRoomFeature room = connection.Features.Get<ISendRoomFeature>()!;
            bool continuedOnLoop = false;
            // A wait that has ended before it is awaited continues on the same thread.
            for (int i = 0; i < 10_000 && !continuedOnLoop; i++)
            {
                Assert.False((await room.WaitForRoomAsync(default)).IsCompleted);
                continuedOnLoop = !Thread.CurrentThread.IsThreadPoolThread;
            }
            ended.SetResult(continuedOnLoop);
        }));
        using Socket client = Connect(app);
        await SendAsync(client, "x");

        Assert.Equal(yields, await ended.Task.WaitAsync(WaitTimeout));
    }

    // Writes until the kernel has no room, and returns the number of bytes.
    private static async Task<long> FillAsync(ConnectionContext connection)
    {
        ISendRoomFeature room = connection.Features.Get<ISendRoomFeature>()!;
        long written = 0;
        while (Poll.IsReady((int)((EpollConnection)connection).Handle.DangerousGetHandle(), Poll.Out))
        {
            await room.WaitForRoomAsync(default);
            written += await WriteAsync(connection);
        }
        return written;
    }

    private static async Task<int> WriteAsync(ConnectionContext connection)
    {
        byte[] piece = new byte[32 << 10];
        await connection.Transport.Output.WriteAsync(piece);
        return piece.Length;
    }
}
