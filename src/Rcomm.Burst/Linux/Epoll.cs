using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Burst.Linux;

/// <summary>The events of epoll(7) that a connection meets.</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    In = 0x1,
    Out = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    PeerClosed = 0x2000,
    EdgeTriggered = 1u << 31,
}

/// <summary>An epoll(7) descriptor and the events it gave last. Each descriptor is told once of each change (<c>EPOLLET</c>).</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int CtlAdd = 1;
    private const int Batch = 256;
    private const short PollIn = 1;

    /// <summary>struct epoll_event is packed on x64 alone (include/uapi/linux/eventpoll.h, EPOLL_PACKED).</summary>
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int IdOffset = EventSize - sizeof(long);

    private readonly SafeEpollHandle _handle = EpollCreate(CloseOnExec);
    private readonly byte[] _events = new byte[Batch * EventSize];

    /// <exception cref="BurstException">The process is out of descriptors.</exception>
    public Epoll()
    {
        if (_handle.IsInvalid) throw LocalFailure.Of(SocketCalls.LastError, "epoll_create1");
    }

    /// <summary>Watches a descriptor for everything; its events carry <paramref name="id"/>. False with errno in <see cref="SocketCalls.LastError"/>.</summary>
    public bool Add(int descriptor, int id)
    {
        Span<byte> one = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(one, (uint)(EpollEvents.In | EpollEvents.Out | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered));
        BinaryPrimitives.WriteInt64LittleEndian(one[IdOffset..], id);
        return EpollControl(_handle, CtlAdd, descriptor, one) == 0;
    }

    /// <summary>Waits until something happened, at most so long, and returns how many events <see cref="this[int]"/> has.</summary>
    public int Wait(long microseconds)
    {
        int count = EpollWait(_handle, _events, Batch, 0);
        if (count != 0 || microseconds <= 0) return Math.Max(0, count);

        // epoll_wait counts in milliseconds, too coarse for 20,000 connections a second; ppoll(2) on its descriptor counts in nanoseconds.
        SleepUntilReady(microseconds);
        return Math.Max(0, EpollWait(_handle, _events, Batch, 0));
    }

    /// <summary>One of the events of the last <see cref="Wait"/>.</summary>
    public (int Id, EpollEvents Events) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> one = _events.AsSpan(index * EventSize, EventSize);
            return ((int)BinaryPrimitives.ReadInt64LittleEndian(one[IdOffset..]), (EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(one));
        }
    }

    public void Dispose() => _handle.Dispose();

    private void SleepUntilReady(long microseconds)
    {
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            var poll = new PollDescriptor { Descriptor = (int)_handle.DangerousGetHandle(), Events = PollIn };
            var time = new TimeSpec { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1000) };
            _ = Poll(ref poll, 1, in time, 0);
        }
        finally
        {
            if (held) _handle.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial SafeEpollHandle EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(SafeEpollHandle epoll, int operation, int descriptor, ReadOnlySpan<byte> change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(SafeEpollHandle epoll, Span<byte> events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptor, nuint count, in TimeSpec time, nint signals);

    /// <summary><c>struct pollfd</c> (poll(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    /// <summary><c>struct timespec</c> (timespec(3type)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    private sealed class SafeEpollHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => SocketCalls.Close((int)handle) == 0;
    }
}
