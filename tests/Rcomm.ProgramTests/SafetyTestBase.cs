namespace Rcomm.ProgramTests;

/// <summary>What the tests of Safety share.</summary>
public abstract class SafetyTestBase : IDisposable
{
    private protected readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    private protected static Task<string> GetAsync(RcommProcess server, string path, string headers = "") =>
        server.RawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
}
