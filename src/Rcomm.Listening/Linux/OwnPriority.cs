using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Rcomm.Listening.Linux;

/// <summary>
/// The priority of the calling thread (setpriority(2): on Linux it is the thread's own). Raising it takes CAP_SYS_NICE, or a limit as systemd's <c>LimitNICE=</c> sets it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class OwnPriority
{
    private const int Process = 0;
    private const int CallingThread = 0;
    private const int Raised = -10;

    /// <summary>Asks for a higher priority; without the right to it nothing changes.</summary>
    public static void TryRaise() => _ = SetPriority(Process, CallingThread, Raised);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
