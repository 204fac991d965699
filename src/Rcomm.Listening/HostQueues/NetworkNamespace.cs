using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// A network namespace with a process in it (network_namespaces(7)). Each namespace has its own listening sockets, counters (/proc/net/netstat) and
/// cap (<c>net.core.somaxconn</c>). A container usually has its own.
/// </summary>
/// <param name="Inode">Its inode, as in <c>/proc/PID/ns/net</c>.</param>
/// <param name="Process">A process in it, through which it is entered.</param>
public sealed record NetworkNamespace(ulong Inode, int Process)
{
    /// <summary>Gets this process's namespace; null if /proc doesn't show it.</summary>
    public static NetworkNamespace? Own { get; } = Of(Environment.ProcessId);

    /// <summary>Gets whether this is the namespace of this process.</summary>
    public bool IsOwn => Inode == Own?.Inode;

    /// <summary>Returns the namespace of a process; null if the process is gone or not visible to this user.</summary>
    public static NetworkNamespace? Of(int process) =>
        Processes.NetworkNamespaceOf(process, out _) is { } inode ? new(inode, process) : null;

    /// <summary>Returns the namespaces of all processes under /proc, this process's own first.</summary>
    /// <param name="hidden">How many processes this user can't inspect; they may be in other namespaces.</param>
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

    /// <summary>Returns e.g. <c>net:[4026531840]</c>.</summary>
    public override string ToString() => $"net:[{Inode}]";
}
