using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>The events of epoll(7) that occur on connections.</summary>
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

/// <summary>An epoll(7) descriptor and the events of its last wait.</summary>
internal sealed partial class EpollInstance : IDisposable
{
    private const int CtlAdd = 1;
    private const int CtlRemove = 2;
    private const int CtlModify = 3;
    private const int Batch = 256;

    /// <summary>struct epoll_event is packed on x64 alone (include/uapi/linux/eventpoll.h, EPOLL_PACKED).</summary>
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int KeyOffset = EventSize - sizeof(ulong);

    private readonly SafeEpollHandle _handle = EpollCreate(LibC.CloseOnExec);
    private readonly byte[] _events = new byte[Batch * EventSize];

    /// <exception cref="ErrnoException">The process is out of descriptors.</exception>
    public EpollInstance()
    {
        if (_handle.IsInvalid) throw ErrnoException.Last("epoll_create1");
    }

    /// <summary>Watches a descriptor. Current readiness counts as an event. Its events carry the key. Closing the descriptor ends it.</summary>
    /// <exception cref="ErrnoException">The kernel is out of memory, or the user's <c>max_user_watches</c> are exhausted.</exception>
    public void Add(SafeHandle descriptor, EpollEvents events, ulong key) => Control(CtlAdd, descriptor, events, key);

    /// <summary>Does the same for a bare descriptor. Returns false with the errno in <see cref="LibC.LastError"/>.</summary>
    public bool TryAdd(int descriptor, EpollEvents events, ulong key) =>
        EpollControl(_handle, CtlAdd, descriptor, Change(stackalloc byte[EventSize], events, key)) == 0;

    /// <summary>Stops watching a descriptor that stays open.</summary>
    public void Remove(int descriptor) => _ = EpollControl(_handle, CtlRemove, descriptor, default);

    /// <summary>Changes the events to watch for. Current readiness counts as an event again.</summary>
    /// <exception cref="ErrnoException">The kernel is out of memory.</exception>
    public void Modify(SafeHandle descriptor, EpollEvents events, ulong key) => Control(CtlModify, descriptor, events, key);

    /// <summary>
    /// Waits for events, at most the given number of milliseconds (-1 for no limit). Returns how many events <see cref="this[int]"/> has.
    /// </summary>
    public int Wait(int milliseconds) => Math.Max(0, EpollWait(_handle, _events, Batch, milliseconds));

    /// <summary>Does the same with a resolution of microseconds: epoll_wait's milliseconds are too coarse for 20,000 connections a second.</summary>
    public int WaitMicroseconds(long microseconds)
    {
        int count = Wait(0);
        if (count != 0 || microseconds <= 0) return count;
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            Poll.WaitForOne((int)_handle.DangerousGetHandle(), microseconds);
        }
        finally
        {
            if (held) _handle.DangerousRelease();
        }
        return Wait(0);
    }

    /// <summary>Gets an event of the last wait.</summary>
    public (ulong Key, EpollEvents Events) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> one = _events.AsSpan(index * EventSize, EventSize);
            return (BinaryPrimitives.ReadUInt64LittleEndian(one[KeyOffset..]), (EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(one));
        }
    }

    public void Dispose() => _handle.Dispose();

    private void Control(int operation, SafeHandle descriptor, EpollEvents events, ulong key)
    {
        if (EpollControl(_handle, operation, descriptor, Change(stackalloc byte[EventSize], events, key)) != 0) throw ErrnoException.Last("epoll_ctl");
    }

    private static Span<byte> Change(Span<byte> change, EpollEvents events, ulong key)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(change, (uint)events);
        BinaryPrimitives.WriteUInt64LittleEndian(change[KeyOffset..], key);
        return change;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial SafeEpollHandle EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(SafeEpollHandle epoll, int operation, SafeHandle descriptor, ReadOnlySpan<byte> change);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(SafeEpollHandle epoll, int operation, int descriptor, ReadOnlySpan<byte> change);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int EpollWait(SafeEpollHandle epoll, Span<byte> events, int count, int milliseconds);

    private sealed class SafeEpollHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
    }
}
