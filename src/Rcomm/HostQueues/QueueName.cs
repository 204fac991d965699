using Rcomm.Listening.HostQueues;

namespace Rcomm.HostQueues;

/// <summary>Formats another program's queue for a sentence: <c>0.0.0.0:5432 (postgres, pid 812)</c>.</summary>
internal static class QueueName
{
    public static string Of(HostQueue queue) => queue.Owners is [var first, ..]
        ? $"{queue.Address} ({first.Name}, pid {first.Id}{Others(queue.Owners.Count - 1)}{(first.Container is null ? "" : $", {first.Container}")})"
        : queue.Address.ToString();

    private static string Others(int count) => count == 0 ? "" : $" and {count} more";
}
