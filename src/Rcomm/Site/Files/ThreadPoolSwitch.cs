using System.Runtime.CompilerServices;

namespace Rcomm.Site.Files;

/// <summary>Leaves the event loop's thread before a disk is read: a slow disk would delay all of the loop's connections.</summary>
internal static class ThreadPoolSwitch
{
    /// <summary>Continues on a thread-pool thread; completes immediately if this is one.</summary>
    public static ValueTask SwitchAsync() => Thread.CurrentThread.IsThreadPoolThread ? default : YieldAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask YieldAsync() => await Task.Yield();
}
