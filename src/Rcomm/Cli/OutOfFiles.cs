using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Cli;

/// <summary>
/// Detects a limit of open files so low that the runtime can't load the program's parts. The runtime would report a missing assembly, not the limit.
/// </summary>
internal static class OutOfFiles
{
    private const int StandardError = 2;
    // With fewer, the runtime fails before a command can check the limit itself.
    private const int Few = 32;

    /// <summary>Returns true if hardly any more files can be opened.</summary>
    public static bool IsNear()
    {
        using var any = new SafeFileHandle(StandardError, ownsHandle: false);
        return OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } limit && !(DescriptorLimit.LowestFree(any) + Few < (long)limit.Soft);
    }

    /// <summary>Reports it without Console, which would have to be loaded. Returns the process's exit code.</summary>
    public static int Report()
    {
        using var error = new FileStream(new SafeFileHandle(StandardError, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        error.Write("rcomm: The limit of open files is too low for this program to start. Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.\n"u8);
        return ExitCodes.Failed;
    }
}
