using Rcomm.Tests.Server;

namespace Rcomm.Tests.Site;

/// <summary>A server with the sample site, shared by the tests of a class.</summary>
public sealed class ServedSite : IAsyncLifetime
{
    internal SampleSite Site { get; } = new();

    internal InProcessServer Server { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await InProcessServer.ServeAsync(Site.Root);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Site.Dispose();
    }
}
