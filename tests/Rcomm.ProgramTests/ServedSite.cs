namespace Rcomm.ProgramTests;

/// <summary>One server with the sample site, shared by the tests of a class.</summary>
public sealed class ServedSite : IAsyncLifetime
{
    internal SampleSite Site { get; } = new();

    internal RcommProcess Server { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RcommProcess.ServeAsync(Site.Root);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Server.Url };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Site.Dispose();
    }
}
