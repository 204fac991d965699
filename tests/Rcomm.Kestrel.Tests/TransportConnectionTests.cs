using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Rcomm.Transport.Connections;

namespace Rcomm.Kestrel.Tests;

public sealed class TransportConnectionTests : TransportTestBase
{
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_handler_hears_that_its_client_has_gone(ConnectionTransport transport)
    {
        var begun = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using WebApplication app = await StartAsync(transport, app => app.MapGet("/", async context =>
        {
            using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
            begun.SetResult();
            await gone.Task;
        }));
        foreach (bool reset in (bool[])[false, true])
        {
            (begun, gone) = (new(), new());
            Socket client = Connect(app);
            await SendAsync(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await begun.Task.WaitAsync(WaitTimeout);

            client.LingerState = new LingerOption(reset, 0);
            client.Dispose();

            await gone.Task.WaitAsync(WaitTimeout);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_read_that_is_cancelled_leaves_the_connection_usable(ConnectionTransport transport)
    {
        var waiting = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            using var cancellation = new CancellationTokenSource();
            var read = connection.Transport.Input.ReadAsync(cancellation.Token);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);

            read = connection.Transport.Input.ReadAsync();
            connection.Transport.Input.CancelPendingRead();
            Assert.True((await read).IsCanceled);
            connection.Transport.Input.AdvanceTo(default);
            cancelled.SetResult();

            var got = await connection.Transport.Input.ReadAsync();
            await connection.Transport.Output.WriteAsync(got.Buffer.First);
            connection.Transport.Input.AdvanceTo(got.Buffer.End);
        }));
        using Socket client = Connect(app);
        await cancelled.Task.WaitAsync(WaitTimeout);

        await SendAsync(client, "hello");

        Assert.Equal("hello", await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_connection_can_start_work_on_its_event_loop()
    {
        await using WebApplication app = await StartAsync(ConnectionTransport.EpollInline, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            IEventLoopFeature loop = connection.Features.Get<IEventLoopFeature>()!;
            Thread? first = null, second = null;
            await loop.RunAsync(() => SetAsync(ref first));
            await Task.Yield();
            await loop.RunAsync(() => SetAsync(ref second));
            await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(first == second && !first!.IsThreadPoolThread ? "yes" : "no"));
        }));
        using Socket client = Connect(app);

        Assert.Equal("yes", await ReadToEndAsync(client));

        static Task SetAsync(ref Thread? thread)
        {
            thread = Thread.CurrentThread;
            return Task.CompletedTask;
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_connection_that_is_aborted_is_reset_and_its_reader_fails(ConnectionTransport transport)
    {
        var failed = new TaskCompletionSource<Exception>();
        var closed = new TaskCompletionSource();
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            var read = connection.Transport.Input.ReadAsync();
            connection.Abort(new ConnectionAbortedException("enough"));
            try
            {
                await read;
            }
            catch (Exception e)
            {
                failed.SetResult(e);
            }
        }));
        using Socket client = Connect(app);

        SocketException refused = await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client));

        Assert.Equal(SocketError.ConnectionReset, refused.SocketErrorCode);
        Assert.IsType<ConnectionAbortedException>(await failed.Task.WaitAsync(WaitTimeout));
        await closed.Task.WaitAsync(WaitTimeout);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_connection_has_its_addresses_and_features(ConnectionTransport transport)
    {
        var seen = new TaskCompletionSource<(EndPoint?, EndPoint?, string, bool)>();
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(connection =>
        {
            bool hasAll = connection.Features.Get<IConnectionItemsFeature>()!.Items == connection.Items
                && connection.Features.Get<IConnectionTransportFeature>()!.Transport == connection.Transport
                && connection.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed == connection.ConnectionClosed
                && connection.Features.Get<IMemoryPoolFeature>()!.MemoryPool.MaxBufferSize > 0
                && connection.Features.Any(feature => feature.Key == typeof(IConnectionIdFeature));
            connection.Features.Set<IConnectionItemsFeature>(null);
            hasAll &= connection.Features.Get<IConnectionItemsFeature>() is null;
            seen.SetResult((connection.LocalEndPoint, connection.RemoteEndPoint, connection.ConnectionId, hasAll));
            return Task.CompletedTask;
        }));
        using Socket client = Connect(app);

        (EndPoint? local, EndPoint? remote, string id, bool hasFeatures) = await seen.Task.WaitAsync(WaitTimeout);

        Assert.Equal(client.RemoteEndPoint, local);
        Assert.Equal(client.LocalEndPoint, remote);
        Assert.NotEmpty(id);
        Assert.True(hasFeatures);
    }

    [Theory]
    [MemberData(nameof(Epolls))]
    public async Task A_client_that_has_ended_its_side_gets_the_answer_it_asked_for(ConnectionTransport transport)
    {
        var begun = new TaskCompletionSource();
        var hasEnded = new TaskCompletionSource();
        await using WebApplication app = await StartAsync(transport, app => app.MapGet("/", async () =>
        {
            begun.SetResult();
            await hasEnded.Task;
            return "hello";
        }));
        // Repeated, because an abort overtakes the response only sometimes.
        for (int i = 0; i < 50; i++)
        {
            (begun, hasEnded) = (new(), new());
            using Socket client = Connect(app);

            await SendAsync(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await begun.Task.WaitAsync(WaitTimeout);
            client.Shutdown(SocketShutdown.Send);
            hasEnded.SetResult();

            Assert.Contains("hello", await ReadToEndAsync(client));
        }
    }

    [Theory]
    [MemberData(nameof(Epolls))]
    public async Task What_nobody_reads_does_not_cost_the_client_its_answer(ConnectionTransport transport)
    {
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            await connection.Transport.Output.WriteAsync("enough"u8.ToArray());
        }));
        for (int i = 0; i < 20; i++)
        {
            using Socket client = Connect(app);
            await SendAsync(client, new string('x', 100_000));

            Assert.Equal("enough", await ReadToEndAsync(client));
        }
    }

    /// <summary>What our connections have in addition to Kestrel's.</summary>
    public static TheoryData<ConnectionTransport> Epolls => [ConnectionTransport.Epoll, ConnectionTransport.EpollInline];
}
