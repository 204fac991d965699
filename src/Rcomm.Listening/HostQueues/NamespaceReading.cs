using Rcomm.Shared.Linux;

namespace Rcomm.Listening.HostQueues;

/// <summary>The counters of a network namespace, and the cap on every backlog in it.</summary>
/// <param name="Namespace">The namespace; null if /proc doesn't show which one this process is in.</param>
/// <param name="Counters">Its counters; null if they can't be read.</param>
/// <param name="Cap"><c>net.core.somaxconn</c>, in connections; null if it can't be read.</param>
public sealed record NamespaceReading(NetworkNamespace? Namespace, NamespaceCounters? Counters, int? Cap)
{
    /// <summary>Reads the namespace that the calling thread is in.</summary>
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
