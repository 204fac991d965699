using System.Globalization;
using System.Net.Sockets;

namespace Rcomm.Listening.Handover;

/// <summary>A descriptor that the service manager opened and passed to this process (sd_listen_fds(3)).</summary>
/// <param name="Descriptor">The descriptor's number, from 3.</param>
/// <param name="Name">The name from its socket unit (<c>FileDescriptorName=</c>); null if there is none.</param>
/// <param name="Handle">The handle that owns it, for <see cref="ListenSocketProvider"/>.</param>
public sealed record InheritedSocket(int Descriptor, string? Name, SafeSocketHandle Handle)
{
    private const int First = 3;
    private const string Process = "LISTEN_PID";
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";

    /// <summary>
    /// Returns the inherited sockets, once: the environment variables are removed, so that no child process uses them. Returns none if nothing was
    /// passed, or it was meant for another process.
    /// </summary>
    /// <exception cref="FormatException">A variable isn't a number; the message quotes it.</exception>
    public static IReadOnlyList<InheritedSocket> TakeAll()
    {
        string? process = Take(Process), count = Take(Count), names = Take(Names);
        // Removed as well: it distinguishes the process from a later one with the same number (systemd 259).
        _ = Take("LISTEN_PIDFDID");
        if (process is null || count is null || ReadNumber(Process, process) != Environment.ProcessId) return [];

        string[] known = names?.Split(':') ?? [];
        return [.. Enumerable.Range(0, ReadNumber(Count, count)).Select(i =>
            new InheritedSocket(First + i, i < known.Length && known[i] is not ("" or "unknown") ? known[i] : null,
                new SafeSocketHandle(First + i, ownsHandle: true)))];
    }

    private static string? Take(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static int ReadNumber(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"{name}={text}: this must be a number set by the service manager (sd_listen_fds(3)). " +
                "Unset it if you start the program by hand.");
}
