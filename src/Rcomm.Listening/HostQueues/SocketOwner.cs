namespace Rcomm.Listening.HostQueues;

/// <summary>A process that holds a socket.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Name">Its name as the kernel has it (proc(5), comm).</param>
/// <param name="Container">The container or pod it runs in, where the path of its control group tells; otherwise null.</param>
public readonly record struct SocketOwner(int Id, string Name, string? Container = null)
{
    /// <summary><c>nginx (pid 812)</c></summary>
    public override string ToString() => $"{Name} (pid {Id})";
}
