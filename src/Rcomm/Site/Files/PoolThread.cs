namespace Rcomm.Site;

/// <summary>Where a disk is read. It may be slow, and a thread that reads from many connections would make all of them wait for it.</summary>
internal static class PoolThread
{
    /// <summary>Goes on on a thread of the pool; at once where this is one.</summary>
    public static ValueTask SwitchAsync() => Thread.CurrentThread.IsThreadPoolThread ? default : YieldAsync();

    private static async ValueTask YieldAsync() => await Task.Yield();
}
