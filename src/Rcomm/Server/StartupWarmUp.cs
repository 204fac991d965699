using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Rcomm.Settings;
using Rcomm.Shared.Linux;

namespace Rcomm.Server;

/// <summary>Work that takes milliseconds the first time and runs on a thread of its own while the server starts. Nothing waits for it.</summary>
internal static class StartupWarmUp
{
    private const int StandardError = 2;
    private const int TimerDue = 1000;

    public static void Start(ServeSettings settings)
    {
        if (!OperatingSystem.IsLinux()) return;
        bool servesFiles = settings.Proxy.Count == 0;
        new Thread(() => Run(servesFiles)) { IsBackground = true, Name = "start" }.Start();
    }

    private static void Run(bool servesFiles)
    {
        // The first timer starts a thread, and the start of a thread waits until the thread runs.
        using (new Timer(static _ => { }, null, TimerDue, Timeout.Infinite)) { }
        // The first hash loads OpenSSL, which takes about 3 ms. The entity tag of the first file needs a hash.
        if (servesFiles) _ = SHA256.HashData([]);
        // Otherwise the first accept loop does it, and accepts nothing in the meantime. The kernel has room for 64 descriptors from the beginning.
        using var any = new SafeFileHandle(StandardError, ownsHandle: false);
        DescriptorLimit.GrowTable(any);
    }
}
