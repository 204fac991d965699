using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>Enters another process's network namespace (setns(2)).</summary>
internal static partial class NetworkNamespaceCalls
{
    private const int NewNet = 0x40000000;

    /// <summary>
    /// Runs an action on a new thread in the network namespace of a process. The thread then ends, since a pool thread must never be left in another
    /// namespace. Returns 0 or the errno of setns(2).
    /// </summary>
    /// <exception cref="IOException">The process is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not see the process's namespaces.</exception>
    public static int RunIn(int process, Action action)
    {
        using SafeFileHandle file = File.OpenHandle($"/proc/{process}/ns/net");
        int errno = 0;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            if (SetNs(file, NewNet) != 0)
            {
                errno = Marshal.GetLastPInvokeError();
                return;
            }
            try
            {
                action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                thrown = e;
            }
        });
        thread.Start();
        thread.Join();
        return thrown is null ? errno : throw new IOException(thrown.Message, thrown);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(SafeFileHandle file, int kind);
}
