using Grpc.Core;
using GrpcGreeter;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Kestrel;
using Rcomm.Listening.Sizing;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddGrpc();
// gRPC without TLS is HTTP/2 from the first byte on.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
if (!args.Contains("--without")) builder.WebHost.UseListenQueue(options => options.Backlog = Backlog.Max);

var app = builder.Build();
app.MapGrpcService<GreeterService>();
app.Run();

internal sealed class GreeterService : Greeter.GreeterBase
{
    public override Task<HelloReply> SayHello(HelloRequest request, ServerCallContext context) =>
        Task.FromResult(new HelloReply { Message = $"Hello {request.Name}" });
}
