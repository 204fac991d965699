using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// A network namespace with a process inside it (network_namespaces(7)). Listening sockets, the counters of /proc/net/netstat and the
/// cap <c>net.core.somaxconn</c> are each namespace's own; a container usually has one to itself.
/// </summary>
/// <param name="Inode">Its number, as in <c>/proc/PID/ns/net</c>.</param>
/// <param name="Process">A process inside it, through which it is entered.</param>
public sealed record NetworkNamespace(ulong Inode, int Process)
{
    /// <summary>This process's own; null where /proc does not tell.</summary>
    public static NetworkNamespace? Own { get; } = Of(Environment.ProcessId);

    /// <summary>True for the one that this process is in.</summary>
    public bool IsOwn => Inode == Own?.Inode;

    /// <summary>The namespace of a process; null where the process is gone, or this user may not see it.</summary>
    public static NetworkNamespace? Of(int process) =>
        Processes.NetworkNamespaceOf(process, out _) is { } inode ? new(inode, process) : null;

    /// <summary>Every namespace that a process under /proc is in, this process's own first.</summary>
    /// <param name="hidden">How many processes this user may not look into; they may be in others.</param>
    public static IReadOnlyList<NetworkNamespace> FindAll(out int hidden)
    {
        Dictionary<ulong, NetworkNamespace> found = [];
        if (Own is not null) found.Add(Own.Inode, Own);
        hidden = 0;
        foreach (int process in Processes.All())
        {
            if (Processes.NetworkNamespaceOf(process, out bool isHidden) is { } inode) found.TryAdd(inode, new(inode, process));
            else if (isHidden) hidden++;
        }
        return [.. found.Values];
    }

    /// <summary><c>net:[4026531840]</c></summary>
    public override string ToString() => $"net:[{Inode}]";
}
