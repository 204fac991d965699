namespace Rcomm.Listening.HostQueues;

/// <summary>A process that holds a socket.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Name">The name in the kernel (proc(5), comm).</param>
/// <param name="Container">The container or pod it runs in, if the path of its control group shows it; otherwise null.</param>
public readonly record struct SocketOwner(int Id, string Name, string? Container = null)
{
    /// <summary>Returns e.g. <c>nginx (pid 812)</c>.</summary>
    public override string ToString() => $"{Name} (pid {Id})";
}
