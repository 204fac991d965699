using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Kestrel.Tests;

/// <summary>What a connection does, whatever reads and writes it.</summary>
public sealed class TransportTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);

    public static TheoryData<ConnectionTransport> Transports => [ConnectionTransport.Sockets, ConnectionTransport.Epoll, ConnectionTransport.EpollInline];

    /// <summary>What our own have beyond Kestrel's sockets.</summary>
    public static TheoryData<ConnectionTransport> Epolls => [ConnectionTransport.Epoll, ConnectionTransport.EpollInline];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_body_comes_back_as_it_was_sent_however_large(ConnectionTransport transport)
    {
        await using WebApplication app = await StartAsync(transport, app => app.MapPost("/", async context =>
        {
            // The client takes nothing before it has sent everything.
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            body.Position = 0;
            await body.CopyToAsync(context.Response.Body);
        }));
        using var http = new HttpClient();
        foreach (int size in (int[])[0, 1, 4096, 4097, 65_536, 20_000_000])
        {
            byte[] body = RandomNumberGenerator.GetBytes(size);

            using HttpResponseMessage answer = await http.PostAsync(UrlOf(app), new ByteArrayContent(body));

            Assert.Equal(SHA256.HashData(body), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Requests_that_come_in_one_go_are_answered_in_their_order(ConnectionTransport transport)
    {
        await using WebApplication app = await StartAsync(transport, app => app.MapGet("/{n}", (int n) => $"<{n}>"));
        using Socket client = Connect(app);
        var requests = new StringBuilder();
        for (int i = 0; i < 500; i++) requests.Append($"GET /{i} HTTP/1.1\r\nHost: x\r\n{(i == 499 ? "Connection: close\r\n" : "")}\r\n");

        await SendAsync(client, requests.ToString());
        string answers = await ReadToEndAsync(client);

        int at = 0;
        for (int i = 0; i < 500; i++) Assert.True((at = answers.IndexOf($"<{i}>", at, StringComparison.Ordinal)) >= 0, $"{i}");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Connections_that_always_have_something_to_read_do_not_keep_another_from_its_answer(ConnectionTransport transport)
    {
        bool answered = false;
        int begun = 0;
        await using WebApplication app = await StartAsync(transport, configureEndpoint: endpoint => endpoint.Run(async connection =>
        {
            Interlocked.Increment(ref begun);
            ReadResult read = await connection.Transport.Input.ReadAsync();
            bool isGreedy = read.Buffer.FirstSpan[0] == 'g';
            while (isGreedy && !Volatile.Read(ref answered))
            {
                // Nothing is taken, so the next read has it again.
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                read = await connection.Transport.Input.ReadAsync();
            }
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.WriteAsync("hello"u8.ToArray());
        }));
        // As many as there are loops, so that each has one.
        List<Socket> greedy = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Connect(app))];
        using Socket modest = Connect(app);
        // By then their reads wait, and what comes is read on the loops' threads.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref begun) == greedy.Count + 1, WaitTimeout));
        try
        {
            foreach (Socket client in greedy) await SendAsync(client, "greedy");
            await SendAsync(modest, "modest");

            Assert.Equal("hello", await ReadToEndAsync(modest));
        }
        finally
        {
            Volatile.Write(ref answered, true);
            foreach (Socket client in greedy) client.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_request_that_comes_a_byte_at_a_time_is_answered(ConnectionTransport transport)
    {
        await using WebApplication app = await StartAsync(transport, app => app.MapGet("/", () => "hello"));
        using Socket client = Connect(app);
        client.NoDelay = true;

        foreach (char one in "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") await SendAsync(client, one.ToString());

        Assert.Contains("hello", await ReadToEndAsync(client));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_client_that_reads_slowly_holds_the_writer_back_and_gets_everything(ConnectionTransport transport)
    {
        byte[] block = RandomNumberGenerator.GetBytes(64 * 1024);
        int written = 0;
        await using WebApplication app = await StartAsync(transport, app => app.MapGet("/", async context =>
        {
            for (int i = 0; i < 1000; i++)
            {
                await context.Response.BodyWriter.WriteAsync(block);
                Interlocked.Increment(ref written);
            }
        }));
        using Socket client = Connect(app);
        await SendAsync(client, "GET / HTTP/1.0\r\n\r\n");
        // Until it stands still: the kernel's buffers are full.
        for (int before = -1; before != Volatile.Read(ref written);)
        {
            before = Volatile.Read(ref written);
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
        Assert.InRange(Volatile.Read(ref written), 1, 999);

        byte[] buffer = new byte[1 << 20];
        using var limit = new CancellationTokenSource(WaitTimeout);
        long received = 0;
        for (int read; (read = await client.ReceiveAsync(buffer, limit.Token)) > 0;) received += read;
        Assert.InRange(received, 1000L * block.Length, (1000L * block.Length) + 1000);
    }

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
        // Again and again: an abort that overtakes the answer does so only now and then.
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

    private static async Task<WebApplication> StartAsync(ConnectionTransport transport, Action<WebApplication>? map = null,
        Action<ListenOptions>? configureEndpoint = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => configureEndpoint?.Invoke(endpoint));
        });
        builder.WebHost.UseListenQueue(options => options.Transport = transport);
        WebApplication app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return app;
    }

    private static Uri UrlOf(WebApplication app) => new(app.Urls.Single());

    private static Socket Connect(WebApplication app)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, app.Services.GetRequiredService<ListenQueues>().All.Single().Address.Port);
        return socket;
    }

    private static async Task SendAsync(Socket client, string text)
    {
        ReadOnlyMemory<byte> rest = Encoding.ASCII.GetBytes(text);
        while (rest.Length > 0) rest = rest[await client.SendAsync(rest)..];
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        for (int read; (read = await client.ReceiveAsync(buffer, limit.Token)) > 0;) text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return text.ToString();
    }
}
