using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.HostQueues;

/// <summary>The listening sockets of every program in one or more network namespaces, at one moment.</summary>
/// <param name="Queues">The sockets.</param>
/// <param name="Namespaces">The namespaces that were read, each with its own counters and cap.</param>
/// <param name="NotRead">What could not be read and why, a sentence each.</param>
public sealed record HostQueueList(IReadOnlyList<HostQueue> Queues, IReadOnlyList<NamespaceReading> Namespaces, IReadOnlyList<string> NotRead)
{
    /// <summary>Gets the sum of the namespaces' counters; null if none were read.</summary>
    public NamespaceCounters? Counters => NamespaceCounters.Sum([.. Namespaces.Select(reading => reading.Counters).OfType<NamespaceCounters>()]);

    /// <summary>Reads the queues of a namespace, with their owners. Anything that can't be read is reported in <see cref="NotRead"/>.</summary>
    /// <param name="port">A TCP port; 0 (default) for every TCP and Unix socket.</param>
    /// <param name="in">The namespace; null (default) for this process's own.</param>
    public static HostQueueList Read(ushort port = 0, NetworkNamespace? @in = null) => Read(port, [@in ?? NetworkNamespace.Own], []);

    /// <summary>Reads the queues of every network namespace that a process under /proc is in: the host's and its containers'.</summary>
    /// <param name="port">A TCP port; 0 (default) for every TCP and Unix socket.</param>
    public static HostQueueList ReadAllNamespaces(ushort port = 0)
    {
        IReadOnlyList<NetworkNamespace> all = NetworkNamespace.FindAll(out int hidden);
        return Read(port, all, hidden == 0 ? [] : [$"the network namespaces of {hidden} processes: CAP_SYS_PTRACE is needed."]);
    }

    /// <summary>Returns the processes that listen at an address, as far as this user can see them: those that a bind would conflict with.</summary>
    /// <param name="address">The address.</param>
    /// <param name="taken">True if a socket listens there, whether its owner is visible or not.</param>
    public static IReadOnlyList<SocketOwner> OwnersOf(ListenAddress address, out bool taken)
    {
        ArgumentNullException.ThrowIfNull(address);
        List<HostQueue> holders = address.IsUnix
            ? [.. Read().Queues.Where(queue => queue.Address == address)]
            : [.. Read((ushort)address.Port).Queues.Where(queue => Collides(queue.Address, address))];
        taken = holders.Count > 0;
        return [.. holders.SelectMany(queue => queue.Owners).Distinct()];
    }

    /// <summary>Returns the same queues with the processes that hold them, from one scan of /proc.</summary>
    /// <param name="queues">Queues from a reader.</param>
    /// <param name="hidden">Why some have no owner; null if each has one.</param>
    public static IReadOnlyList<HostQueue> WithOwners(IReadOnlyList<HostQueue> queues, out string? hidden)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ILookup<uint, SocketOwner> owners = SocketOwners.Find(queues.Select(queue => queue.Inode).ToHashSet(), out string why);
        hidden = queues.Any(queue => !owners.Contains(queue.Inode)) ? why : null;
        return [.. queues.Select(queue => queue with { Owners = [.. owners[queue.Inode]] })];
    }

    private static HostQueueList Read(ushort port, IReadOnlyList<NetworkNamespace?> namespaces, List<string> notRead)
    {
        List<HostQueue> queues = [];
        List<NamespaceReading> readings = [];
        foreach (NetworkNamespace? one in namespaces)
        {
            try
            {
                using HostQueueReader reader = one is null ? new() : HostQueueReader.In(one);
                queues.AddRange(Try(() => reader.ReadTcp(port), "TCP", notRead));
                if (port == 0) queues.AddRange(Try(reader.ReadUnix, "Unix", notRead));
                readings.Add(HostQueueReader.ReadNamespace(one, notRead));
            }
            catch (IOException e)
            {
                notRead.Add($"{one}: {e.Message}.");
            }
        }
        IReadOnlyList<HostQueue> owned = WithOwners(queues, out string? hidden);
        if (hidden is not null) notRead.Add($"the processes of some sockets: {hidden}.");
        return new(owned, readings, notRead);
    }

    private static IReadOnlyList<HostQueue> Try(Func<IReadOnlyList<HostQueue>> read, string kind, List<string> notRead)
    {
        try
        {
            return read();
        }
        catch (IOException e)
        {
            notRead.Add($"listening {kind} sockets: {e.Message}.");
            return [];
        }
    }

    private static bool Collides(ListenAddress one, ListenAddress other) =>
        one == other || one.IsWildcard || other.IsWildcard;
}
