using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Tests.Proxy;

/// <summary>gRPC from a client through the proxy to a service.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task A_call_with_one_message_each_way()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync();

        Text answer = await grpc.Client.SayAsync(new Text { Value = "hello" }, deadline: Deadline);

        Assert.Equal("hello", answer.Value);
    }

    [Fact]
    public async Task A_stream_down_with_trailers()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync();
        using AsyncServerStreamingCall<Text> call = grpc.Client.Count(new Text { Value = "n" }, deadline: Deadline);

        List<string> all = [];
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) all.Add(call.ResponseStream.Current.Value);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"n {i}"), all);
        Assert.Equal("100", call.GetTrailers().GetValue("said"));
    }

    [Fact]
    public async Task A_stream_up()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync();
        using AsyncClientStreamingCall<Text, Text> call = grpc.Client.Join(deadline: Deadline);

        foreach (string word in (string[])["a", "b", "c"]) await call.RequestStream.WriteAsync(new Text { Value = word });
        await call.RequestStream.CompleteAsync();

        Assert.Equal("a b c", (await call).Value);
    }

    [Fact]
    public async Task A_conversation_in_which_each_message_waits_for_the_one_before_and_that_may_be_quiet()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync("upstream-timeout=3s", "min-rate=100000");
        using AsyncDuplexStreamingCall<Text, Text> call = grpc.Client.Talk(deadline: Deadline);

        foreach (string word in (string[])["one", "two", "three"])
        {
            await call.RequestStream.WriteAsync(new Text { Value = word });
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(word.ToUpperInvariant(), call.ResponseStream.Current.Value);
        }
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task More_conversations_than_turns()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync("upstream-connections=1");
        List<AsyncDuplexStreamingCall<Text, Text>> calls = [];
        for (int i = 0; i < 3; i++)
        {
            AsyncDuplexStreamingCall<Text, Text> call = grpc.Client.Talk(deadline: Deadline);
            calls.Add(call);
            await call.RequestStream.WriteAsync(new Text { Value = "hello" });
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }
        Assert.Equal("x", (await grpc.Client.SayAsync(new Text { Value = "x" }, deadline: Deadline)).Value);
        foreach (AsyncDuplexStreamingCall<Text, Text> call in calls) await call.RequestStream.CompleteAsync();
        foreach (AsyncDuplexStreamingCall<Text, Text> call in calls)
        {
            Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
            call.Dispose();
        }
    }

    [Fact]
    public async Task The_status_and_the_trailers_of_a_failure()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            async () => await grpc.Client.FailAsync(new Text { Value = "not now" }, deadline: Deadline));

        Assert.Equal((StatusCode.FailedPrecondition, "not now"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("asked for", failure.Trailers.GetValue("why"));
    }

    [Fact]
    public async Task A_service_that_is_away_is_unavailable()
    {
        await using GrpcProxy grpc = await GrpcProxy.StartAsync();
        await grpc.Upstream.DisposeAsync();

        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await grpc.Client.SayAsync(new Text { Value = "hello" }, deadline: Deadline));

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    private static DateTime Deadline => DateTime.UtcNow + ProxyServer.WaitTimeout;

    private sealed class GrpcProxy(Http2Upstream upstream, ProxyServer server, TestCertificate certificate) : IAsyncDisposable
    {
        private readonly GrpcChannel _channel = GrpcChannel.ForAddress($"https://localhost:{server.Port}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, sent, _, _) =>
                sent?.GetCertHashString() == certificate.Certificate.Thumbprint } },
            DisposeHttpClient = true,
        });

        public Http2Upstream Upstream => upstream;

        public Echo.EchoClient Client => new(_channel);

        public static async Task<GrpcProxy> StartAsync(params string[] settings)
        {
            var certificate = new TestCertificate();
            Http2Upstream upstream = await Http2Upstream.StartAsync(context => context.Response.WriteAsync("no gRPC"));
            ProxyServer server = await ProxyServer.StartAsync(
                upstream.Url, ["upstream-http=2", $"tls-certificate={certificate.CertificateFile}", $"tls-key={certificate.KeyFile}", .. settings]);
            return new(upstream, server, certificate);
        }

        public async ValueTask DisposeAsync()
        {
            _channel.Dispose();
            await server.DisposeAsync();
            await upstream.DisposeAsync();
            certificate.Dispose();
        }
    }
}
