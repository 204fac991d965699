namespace Rcomm.Site.Files;

/// <summary>Where a disk is read. It may be slow, and a thread that reads from many connections would make all of them wait for it.</summary>
internal static class ThreadPoolSwitch
{
    /// <summary>Goes on on a thread of the pool; at once where this is one.</summary>
    public static ValueTask SwitchAsync() => Thread.CurrentThread.IsThreadPoolThread ? default : YieldAsync();

    private static async ValueTask YieldAsync() => await Task.Yield();
}
