using System.Globalization;
using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Sizing;

namespace Rcomm.HostQueues;

/// <summary>Changes the backlog of any running process's listen queue, and reports the result.</summary>
internal static class QueueResize
{
    /// <summary>The result for one socket.</summary>
    /// <param name="Sentence">The change, or why there was none.</param>
    /// <param name="Backlog">The effective backlog afterwards; null if it could not be changed.</param>
    public sealed record Outcome(string Sentence, int? Backlog);

    /// <param name="force">True to allow a backlog below the number of connections waiting now.</param>
    public static Outcome Apply(HostQueue queue, Backlog backlog, bool force)
    {
        string name = QueueName.Of(queue);
        if (backlog.Connections < queue.Depth && !force)
            return new($"{name}: backlog stays {queue.Backlog}: {queue.Depth} connections wait. Try again when {backlog} or fewer do, or add --force.", null);
        try
        {
            using (SocketDuplicate socket = SocketDuplicate.Open(queue)) socket.Listen(backlog.Connections);
            return Read(queue) is { } now
                ? new($"{name}: backlog {queue.Backlog} → {now.Backlog}{Capped(backlog, now.Backlog)}", now.Backlog)
                : new($"{name}: the process has closed the socket in the meantime.", null);
        }
        catch (DuplicationException e)
        {
            return new($"{name}: backlog stays {queue.Backlog}: {ResizeRefusal.Explain(e, queue)}", null);
        }
    }

    private static HostQueue? Read(HostQueue queue)
    {
        using HostQueueReader reader = queue.Namespace is { } other ? HostQueueReader.In(other) : new();
        return (queue.Address.IsUnix ? reader.ReadUnix() : reader.ReadTcp((ushort)queue.Address.Port)).FirstOrDefault(now => now.Inode == queue.Inode);
    }

    private static string Capped(Backlog requested, int effective) => requested.Connections <= effective ? ""
        : requested.IsMax ? " (the cap, net.core.somaxconn)"
        : string.Create(CultureInfo.InvariantCulture, $" (requested {requested.Connections}, capped by net.core.somaxconn)");
}
