using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>Has a reader for each watched network namespace. New namespaces are added; those without a process are removed.</summary>
internal sealed class NamespaceReaders(bool all) : IDisposable
{
    private readonly Dictionary<ulong, WatchedNamespace> _readers = [];

    public IReadOnlyCollection<WatchedNamespace> All => _readers.Values;

    /// <summary>What could not be read at the last time and why, a sentence each.</summary>
    public IReadOnlyList<string> NotSeen { get; private set; } = [];

    /// <summary>Finds namespaces that were added or removed.</summary>
    /// <exception cref="IOException">This process's own namespace can't be read.</exception>
    public void Refresh()
    {
        int hidden = 0;
        NetworkNamespace?[] found = all ? [.. NetworkNamespace.FindAll(out hidden)] : [NetworkNamespace.Own];
        List<string> notSeen = hidden == 0 ? [] : [$"the network namespaces of {hidden} processes (needs CAP_SYS_PTRACE)"];
        foreach (ulong gone in _readers.Keys.Except(found.Select(Key)).ToList())
        {
            _readers.Remove(gone, out WatchedNamespace? reader);
            reader!.Dispose();
        }
        foreach (NetworkNamespace? one in found)
        {
            try
            {
                if (!_readers.TryGetValue(Key(one), out WatchedNamespace? known)) _readers.Add(Key(one), new WatchedNamespace(one));
                else known.Refresh(one);
            }
            catch (IOException e) when (one is { IsOwn: false })
            {
                notSeen.Add(e.Message);
            }
        }
        NotSeen = notSeen;
    }

    public void Dispose()
    {
        foreach (WatchedNamespace reader in _readers.Values) reader.Dispose();
    }

    private static ulong Key(NetworkNamespace? one) => one?.Inode ?? 0;
}
