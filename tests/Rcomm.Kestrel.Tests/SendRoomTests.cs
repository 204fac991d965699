using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
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
            long written = 0;
            ValueTask<FlushResult> wait;
            for (; (wait = room.WaitForRoomAsync(cancellation.Token)).IsCompleted; written += await WriteAsync(connection)) await wait;

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
            ValueTask<FlushResult> wait;
            for (; (wait = room.WaitForRoomAsync(default)).IsCompleted; await WriteAsync(connection)) await wait;
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

    private static async Task<int> WriteAsync(ConnectionContext connection)
    {
        byte[] piece = new byte[32 << 10];
        await connection.Transport.Output.WriteAsync(piece);
        return piece.Length;
    }
}
