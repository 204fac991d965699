using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>The scheduling policy of the calling thread (sched_setscheduler(2), sched(7)).</summary>
internal static partial class ThreadScheduling
{
    private const int Other = 0;
    private const int Batch = 3;

    /// <summary>
    /// Sets SCHED_BATCH, so that the thread doesn't interrupt another one when it wakes up; false for the default policy. Has no effect in a sandbox that
    /// forbids the call.
    /// </summary>
    public static void SetBatch(bool batch) => _ = SetScheduler(0, batch ? Batch : Other, 0);

    // The parameter is a pointer to struct sched_param, whose only member is the priority: 0 for both policies.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
