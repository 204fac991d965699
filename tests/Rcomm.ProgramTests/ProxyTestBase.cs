using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rcomm.ProgramTests;

/// <summary>What the tests of Proxy share.</summary>
public abstract class ProxyTestBase
{
    private protected static async Task<RcommProcess> ProxyAsync(string upstream, string arguments = "")
    {
        RcommProcess server = RcommProcess.Start($"proxy {upstream} --port 0 {arguments}");
        await server.ListeningLineAsync();
        return server;
    }

    private protected static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private protected static string UrlOf(WebApplication upstream) => upstream.Urls.Single() + "/";
}
