// The shortest proxy with YARP: only its forwarder, with the default transport and HTTP client.
using System.Net;
using Yarp.ReverseProxy.Forwarder;

WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args });
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}");
if (args.Length > 2) builder.WebHost.UseSockets(sockets => sockets.Backlog = int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddHttpForwarder();

WebApplication app = builder.Build();
IHttpForwarder forwarder = app.Services.GetRequiredService<IHttpForwarder>();
using var client = new HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false,
    EnableMultipleHttp2Connections = true, ActivityHeadersPropagator = null,
});
app.Run(async context => await forwarder.SendAsync(context, args[1], client));
app.Run();
