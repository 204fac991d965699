using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.HostQueues;

/// <summary>Finds the processes that hold sockets, from the links in <c>/proc/PID/fd</c> (proc(5)).</summary>
internal static class SocketOwners
{
    /// <summary>Returns the owners of the sockets by inode. <paramref name="hidden"/> says why the owners of the others are not known.</summary>
    public static ILookup<uint, SocketOwner> Find(IReadOnlySet<uint> inodes, out string hidden)
    {
        List<(uint Inode, SocketOwner Owner)> found = [];
        bool hasProc = false;
        bool sawEverything = ProcessStatus.Own.SeesEveryProcess;
        foreach (int process in Processes.All())
        {
            hasProc = true;
            try
            {
                HashSet<uint> held = [.. SocketLinks.Of(process).Select(link => link.Inode).Where(inodes.Contains)];
                if (held.Count == 0) continue;
                var owner = new SocketOwner(process, Processes.NameOf(process), ContainerOf(process));
                found.AddRange(held.Select(inode => (inode, owner)));
            }
            catch (UnauthorizedAccessException)
            {
                sawEverything = false;
            }
            catch (IOException)
            {
                // The process has exited.
            }
        }
        hidden = !hasProc ? "/proc isn't mounted"
            : !sawEverything ? "only root (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH) can see other users' processes"
            : "they are probably in another container; `rcomm queues` on the host shows them";
        return found.ToLookup(pair => pair.Inode, pair => pair.Owner);
    }

    private static string? ContainerOf(int process)
    {
        try
        {
            return ContainerName.In(File.ReadAllText($"/proc/{process}/cgroup"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
