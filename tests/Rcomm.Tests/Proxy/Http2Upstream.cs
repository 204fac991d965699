using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rcomm.Tests.Proxy;

/// <summary>An upstream that uses HTTP/2 only, for gRPC and other requests.</summary>
internal sealed class Http2Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Http2Upstream(WebApplication app) => _app = app;

    /// <summary>The method and the target of each request, as received.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => new Uri(_app.Urls.Single()).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Starts it, with TLS if there is a certificate.</summary>
    public static async Task<Http2Upstream> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                if (certificate is not null) endpoint.UseHttps(certificate);
            });
        });
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        WebApplication app = builder.Build();
        var upstream = new Http2Upstream(app);
        app.Use(next => context =>
        {
            upstream.Requests.Enqueue($"{context.Request.Method} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}");
            return next(context);
        });
        app.UseRouting();
        app.MapGrpcService<EchoService>();
        app.MapFallback("{*any}", answer);
        await app.StartAsync();
        return upstream;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
    }
}

/// <summary>The service of echo.proto.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    public override Task<Text> Say(Text request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Count(Text request, IServerStreamWriter<Text> responseStream, ServerCallContext context)
    {
        for (int i = 0; i < 100; i++) await responseStream.WriteAsync(new Text { Value = $"{request.Value} {i}" });
        context.ResponseTrailers.Add("said", "100");
    }

    public override async Task<Text> Join(IAsyncStreamReader<Text> requestStream, ServerCallContext context)
    {
        List<string> all = [];
        while (await requestStream.MoveNext(context.CancellationToken)) all.Add(requestStream.Current.Value);
        return new Text { Value = string.Join(' ', all) };
    }

    public override async Task Talk(IAsyncStreamReader<Text> requestStream, IServerStreamWriter<Text> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
            await responseStream.WriteAsync(new Text { Value = requestStream.Current.Value.ToUpperInvariant() });
    }

    public override Task<Text> Fail(Text request, ServerCallContext context) =>
        throw new RpcException(new Grpc.Core.Status(StatusCode.FailedPrecondition, request.Value), new Metadata { { "why", "asked for" } });
}
