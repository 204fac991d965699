using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary><c>struct pollfd</c> (poll(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short ReturnedEvents;
}

/// <summary><c>struct timespec</c> (timespec(3type)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public nint Seconds;
    public nint Nanoseconds;
}

/// <summary>poll(2) and ppoll(2).</summary>
internal static partial class Poll
{
    /// <summary><c>POLLIN</c>.</summary>
    public const short In = 1;

    /// <summary><c>POLLOUT</c>.</summary>
    public const short Out = 4;

    /// <summary>Whether an event has occurred on a descriptor.</summary>
    public static bool IsReady(int descriptor, short events)
    {
        var poll = new PollDescriptor { Descriptor = descriptor, Events = events };
        return PollCall(new(ref poll), 1, 0) != 0;
    }

    /// <summary>Waits for an event on one of the descriptors, at most the given number of milliseconds (-1 for no limit).</summary>
    public static int Wait(Span<PollDescriptor> descriptors, int milliseconds) => PollCall(descriptors, (nuint)descriptors.Length, milliseconds);

    /// <summary>Waits for one descriptor to be readable. ppoll(2) has a resolution of nanoseconds, epoll_wait(2) of milliseconds.</summary>
    public static void WaitForOne(int descriptor, long microseconds)
    {
        var poll = new PollDescriptor { Descriptor = descriptor, Events = In };
        var time = new TimeSpec { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1000) };
        _ = PPoll(ref poll, 1, in time, 0);
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(Span<PollDescriptor> descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int PPoll(ref PollDescriptor descriptor, nuint count, in TimeSpec time, nint signals);
}
