using Rcomm.Shared.Linux;

namespace Rcomm.Listening.HostQueues;

/// <summary>What a network namespace has for itself: counters, and the cap on every backlog in it.</summary>
/// <param name="Namespace">The namespace; null where /proc does not tell which one this process is in.</param>
/// <param name="Counters">Its counters; null where they cannot be read.</param>
/// <param name="Cap"><c>net.core.somaxconn</c>, in connections; null where it cannot be read.</param>
public sealed record NamespaceReading(NetworkNamespace? Namespace, NamespaceCounters? Counters, int? Cap)
{
    /// <summary>Reads those of the namespace that the calling thread is in.</summary>
    internal static NamespaceReading OfThread(NetworkNamespace? @namespace, List<string> notRead)
    {
        NamespaceCounters? counters = null;
        try
        {
            counters = NamespaceCounters.Parse(File.ReadAllText(NamespaceCounters.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notRead.Add($"The namespace's counters: {e.Message}");
        }
        return new(@namespace, counters, SomaxConn.Here());
    }
}
