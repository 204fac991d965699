namespace Rcomm.ProgramTests;

/// <summary>What the tests of Systemd share.</summary>
public abstract partial class SystemdTestBase : IDisposable
{
    private protected readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();
}
