using System.Text.Json;

namespace Rcomm.ProgramTests;

/// <summary>What the tests of Control share.</summary>
public abstract class ControlTestBase : IDisposable
{
    private protected readonly SampleSite _site = new();

    private protected string Control => Path.Combine(_site.Folder, "control");

    public void Dispose() => _site.Dispose();

    private protected Task<RcommProcess> ServeAsync(string arguments) => RcommProcess.ServeAsync($"{_site.Root} --control {Control} {arguments}");

    private protected static async Task<int> BacklogOfAsync(int port) =>
        JsonDocument.Parse((await RcommProcess.RunAsync($"queues --json --port {port}")).Output).RootElement.GetProperty("queues")[0]
            .GetProperty("backlog").GetInt32();
}
