using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Queues;

/// <summary>Selects listening sockets of a machine: those that meet every condition that isn't null.</summary>
internal sealed record QueueTarget(ushort? Port, int? Process, ListenAddress? Address, string? UnixPath)
{
    public bool IsEmpty => this is { Port: null, Process: null, Address: null, UnixPath: null };

    /// <summary>Reads these sockets, in the network namespace of the process if one is named.</summary>
    public HostQueueList Read()
    {
        ushort port = Port ?? (ushort)(Address?.Port ?? 0);
        HostQueueList all = HostQueueList.Read(port, Process is { } process ? NetworkNamespace.Of(process) : null);
        return all with { Queues = [.. all.Queues.Where(Matches)] };
    }

    /// <summary>Returns matching sockets in other network namespaces, e.g. of containers, if their processes are visible.</summary>
    public IReadOnlyList<HostQueue> FindElsewhere() => Process is not null ? []
        : [.. HostQueueList.ReadAllNamespaces(Port ?? (ushort)(Address?.Port ?? 0)).Queues.Where(
            queue => queue is { Namespace: not null, Owners: [_, ..] } && Matches(queue))];

    public bool Matches(HostQueue queue) =>
        (Port is null || !queue.Address.IsUnix && queue.Address.Port == Port)
        && (Process is null || queue.Owners.Any(owner => owner.Id == Process))
        && (Address is null || Address.Expand().Contains(queue.Address))
        && (UnixPath is null || queue.Address.UnixPath == UnixPath);

    /// <summary>Returns e.g. <c>port 5432 of process 812</c>.</summary>
    public override string ToString() => string.Join(" of ", new[]
    {
        Port is null ? null : $"port {Port}",
        Address?.ToString(),
        UnixPath is null ? null : Shared.Linux.UnixPath.ToAddress(UnixPath),
        Process is null ? null : $"process {Process}",
    }.OfType<string>());
}
