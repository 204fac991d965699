using System.Net;
using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.HostQueues;

/// <summary>Every listening socket of this network namespace at one moment, of whatever program.</summary>
/// <param name="Queues">The sockets.</param>
/// <param name="Counters">The namespace's own counters; null where /proc is not there.</param>
/// <param name="NotRead">What could not be read, and why; a sentence each.</param>
public sealed record HostQueueList(IReadOnlyList<HostQueue> Queues, NamespaceCounters? Counters, IReadOnlyList<string> NotRead)
{
    /// <summary>Reads them all, with their owners; what cannot be read is said in <see cref="NotRead"/>.</summary>
    /// <param name="port">One TCP port only; 0 (default) for every TCP and Unix socket.</param>
    public static HostQueueList Read(ushort port = 0)
    {
        List<string> notRead = [];
        using var reader = new HostQueueReader();
        IReadOnlyList<HostQueue> tcp = Try(() => reader.ReadTcp(port), "TCP", notRead);
        IReadOnlyList<HostQueue> unix = port == 0 ? Try(reader.ReadUnix, "Unix", notRead) : [];
        return new(WithOwners([.. tcp, .. unix], notRead), ReadCounters(notRead), notRead);
    }

    /// <summary>Who listens at an address, as far as this user may see: those that a bind to it would collide with.</summary>
    /// <param name="address">The address that is wanted.</param>
    /// <param name="taken">True where somebody listens there, seen or not.</param>
    public static IReadOnlyList<SocketOwner> OwnersOf(ListenAddress address, out bool taken)
    {
        ArgumentNullException.ThrowIfNull(address);
        List<HostQueue> holders = address.IsUnix
            ? [.. Read().Queues.Where(queue => queue.Address == address)]
            : [.. Read((ushort)address.Port).Queues.Where(queue => Collides(queue.Address, address))];
        taken = holders.Count > 0;
        return [.. holders.SelectMany(queue => queue.Owners).Distinct()];
    }

    private static IReadOnlyList<HostQueue> Try(Func<IReadOnlyList<HostQueue>> read, string kind, List<string> notRead)
    {
        try
        {
            return read();
        }
        catch (IOException e)
        {
            notRead.Add($"Listening {kind} sockets: {e.Message}.");
            return [];
        }
    }

    private static bool Collides(ListenAddress one, ListenAddress other) =>
        one == other || IsWildcard(one) || IsWildcard(other);

    private static bool IsWildcard(ListenAddress address) =>
        address.IsEveryAddress || Equals(address.Ip, IPAddress.Any) || Equals(address.Ip, IPAddress.IPv6Any);

    private static IReadOnlyList<HostQueue> WithOwners(List<HostQueue> queues, List<string> notRead)
    {
        ILookup<uint, SocketOwner> owners = SocketOwners.Find(queues.Select(queue => queue.Inode).ToHashSet(), out string hidden);
        if (queues.Exists(queue => !owners.Contains(queue.Inode))) notRead.Add($"Some owners: {hidden}.");
        return [.. queues.Select(queue => queue with { Owners = [.. owners[queue.Inode]] })];
    }

    private static NamespaceCounters? ReadCounters(List<string> notRead)
    {
        try
        {
            return NamespaceCounters.Parse(File.ReadAllText(NamespaceCounters.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notRead.Add($"The namespace's counters: {e.Message}");
            return null;
        }
    }
}
