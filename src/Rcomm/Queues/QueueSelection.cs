using Rcomm.Listening.HostQueues;

namespace Rcomm.Queues;

/// <summary>Which queues are shown, and in which order.</summary>
/// <param name="Port">A TCP port; 0 for all.</param>
/// <param name="AllNamespaces">Whether to include every network namespace on this machine.</param>
/// <param name="TcpOnly">Whether to omit Unix sockets.</param>
/// <param name="Process">The name of the processes; null for all.</param>
internal sealed record QueueSelection(ushort Port, bool AllNamespaces, bool TcpOnly, string? Process, QueueOrder Order)
{
    // Each .NET process has one, only for debuggers.
    private const string Diagnostics = "dotnet-diagnostic-";

    public bool IsEverything => this is { Port: 0, Process: null };

    public HostQueueList Read()
    {
        HostQueueList all = AllNamespaces ? HostQueueList.ReadAllNamespaces(Port) : HostQueueList.Read(Port);
        return all with { Queues = [.. all.Queues.Where(Includes)] };
    }

    private bool Includes(HostQueue queue) =>
        (Process is null || queue.Owners.Any(owner => owner.Name.Equals(Process, StringComparison.OrdinalIgnoreCase)))
        && !(TcpOnly && queue.Address.IsUnix)
        && Path.GetFileName(queue.Address.UnixPath)?.StartsWith(Diagnostics, StringComparison.Ordinal) != true;

    /// <summary>Sorts the queues. Sockets on one TCP address of one namespace are shards (SO_REUSEPORT) and stay together.</summary>
    public IEnumerable<List<HostQueue>> Sorted(IEnumerable<HostQueue> queues)
    {
        IEnumerable<List<HostQueue>> shards = queues
            .GroupBy(queue => queue.Address.IsUnix ? $"{queue.Inode}" : $"{queue.Address} {queue.Namespace}")
            .Select(group => group.OrderByDescending(queue => queue.Fullness).ThenByDescending(queue => queue.Drops ?? 0).ToList());
        return (Order switch
        {
            QueueOrder.Drops => shards.OrderByDescending(Drops).ThenByDescending(Fullness),
            QueueOrder.Port => shards.OrderBy(one => one[0].Address.IsUnix).ThenBy(one => one[0].Address.Port),
            _ => shards.OrderByDescending(Fullness).ThenByDescending(Drops),
        }).ThenBy(one => one[0].Address.ToString(), StringComparer.Ordinal);

        static double Fullness(List<HostQueue> shards) => shards[0].Fullness;
        static uint Drops(List<HostQueue> shards) => shards.Max(queue => queue.Drops ?? 0);
    }

    /// <summary>Returns the text after "no listening socket": <c> on port 80</c>, <c> of a process named nginx</c> or both.</summary>
    public override string ToString() => (Port, Process) switch
    {
        (0, null) => "",
        (0, _) => $" of a process named {Process}",
        (_, null) => $" on port {Port}",
        _ => $" on port {Port} of a process named {Process}",
    };
}

/// <summary>The sort order.</summary>
internal enum QueueOrder
{
    /// <summary>Fullest first.</summary>
    Fill,

    /// <summary>Most drops first.</summary>
    Drops,

    /// <summary>Lowest port first.</summary>
    Port,
}
