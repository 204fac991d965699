using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;

namespace Rcomm.Kestrel.Tests;

/// <summary>The behavior of a connection with every transport.</summary>
public sealed class TransportTests : TransportTestBase
{
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_body_comes_back_as_it_was_sent_however_large(ConnectionTransport transport)
    {
        await using WebApplication app = await StartAsync(transport, app => app.MapPost("/", async context =>
        {
            // The client reads nothing before it has sent everything.
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
                // Nothing is consumed, so the next read returns it again.
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                read = await connection.Transport.Input.ReadAsync();
            }
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.WriteAsync("hello"u8.ToArray());
        }));
        // One for each loop.
        List<Socket> greedy = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Connect(app))];
        using Socket modest = Connect(app);
        // By then, their reads wait, and new data is read on the loops' threads.
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
        // Until it stops progressing: the kernel's buffers are full.
        int before;
        do
        {
            before = Volatile.Read(ref written);
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
        while (before == 0 || before != Volatile.Read(ref written));
        Assert.InRange(Volatile.Read(ref written), 1, 999);

        byte[] buffer = new byte[1 << 20];
        using var limit = new CancellationTokenSource(WaitTimeout);
        long received = 0;
        for (int read; (read = await client.ReceiveAsync(buffer, limit.Token)) > 0;) received += read;
        Assert.InRange(received, 1000L * block.Length, (1000L * block.Length) + 1000);
    }

    private static Uri UrlOf(WebApplication app) => new(app.Urls.Single());
}
