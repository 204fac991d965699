using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Cli;

/// <summary>
/// What is said where the limit of open files is so low that the runtime can't even load the program's parts: it names a missing assembly
/// then, and not the limit.
/// </summary>
internal static class OutOfFiles
{
    private const int StandardError = 2;
    // With fewer the runtime fails before a command can look for itself.
    private const int Few = 32;

    /// <summary>True where hardly another file can be opened.</summary>
    public static bool IsNear()
    {
        using var any = new SafeFileHandle(StandardError, ownsHandle: false);
        return OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } limit && !(DescriptorLimit.LowestFree(any) + Few < (long)limit.Soft);
    }

    /// <summary>Says so, without the console, which would have to be loaded; returns the process's exit code.</summary>
    public static int Report()
    {
        using var error = new FileStream(new SafeFileHandle(StandardError, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        error.Write("rcomm: The limit of open files is too low for this program to start. Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.\n"u8);
        return ExitCodes.Failed;
    }
}
