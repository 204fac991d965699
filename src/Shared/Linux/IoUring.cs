using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>
/// An io_uring(7) for one thread that submits and reads. What it submits goes on while that thread runs or waits for anything else, since the kernel
/// interrupts it for each completion:
/// so it has none of the flags that put completions off until the thread enters the kernel (<c>IORING_SETUP_COOP_TASKRUN</c>,
/// <c>IORING_SETUP_DEFER_TASKRUN</c>).
/// The kernel posts no more completions than it is given room for by <see cref="AddRoom"/>, and one more, which ends a multishot submission and waits
/// outside the queue.
/// </summary>
internal sealed unsafe partial class IoUring : SafeHandleMinusOneIsInvalid
{
    /// <summary><c>IORING_MAX_CQ_ENTRIES</c>.</summary>
    public const int MaxCompletions = 1 << 16;

    // io_uring_setup(2), io_uring_enter(2), io_uring_register(2): the numbers are the same on every architecture, and the C library has no wrappers.
    private const nint SetupNumber = 425;
    private const nint EnterNumber = 426;
    private const nint RegisterNumber = 427;
    private const nint RegisterSyncCancel = 24;
    private const nuint EnterGetEvents = 1 << 0;
    private const nuint EnterNoIoWait = 1 << 7;
    private const uint Overflow = 1 << 1;
    private const nint RingsOffset = 0;
    private const nint EntriesOffset = 0x10000000;
    private const int ProtReadWrite = 1 | 2;
    private const int MapSharedPopulate = 0x1 | 0x8000;
    private const IoUringFeatures Needed = IoUringFeatures.SingleMap | IoUringFeatures.NoDrop | IoUringFeatures.RegisteredRing;

    private nuint _ringsSize, _entriesSize;
    private byte* _rings, _entries;
    private uint* _submitTail, _submitFlags, _head, _tail;
    private uint _submitMask, _mask;
    private CompletionEntry* _completions;
    private nuint _waitFlags;
    // Positions in the queue, which wrap: the next completion to read, and the one that the kernel may no longer post.
    private volatile uint _read;
    private volatile uint _end;

    /// <summary>None yet; <see cref="TryOpen"/> opens one.</summary>
    public IoUring() : base(ownsHandle: true)
    {
    }

    /// <summary>How many completions there may be that are not read.</summary>
    public int Capacity { get; private set; }

    /// <summary>How many completions are there to be read.</summary>
    public int Ready => (int)(Volatile.Read(ref *_tail) - _read);

    /// <summary>How many more the kernel may post.</summary>
    public int Room => (int)(_end - Volatile.Read(ref *_tail));

    /// <summary>True where a submission's last completion is posted and not read. For one submission at a time.</summary>
    public bool HasLast => HasOverflowed || (Ready is > 0 and int ready && !_completions[(_read + (uint)ready - 1) & _mask].HasMore);

    private bool HasOverflowed => (Volatile.Read(ref *_submitFlags) & Overflow) != 0;

    /// <summary>Opens one; null with the reason where the kernel has none that is new enough (<see cref="Errno.ENOSYS"/>) or does not allow it.</summary>
    /// <param name="completions">Room for so many at least, up to <see cref="MaxCompletions"/>.</param>
    /// <param name="error">The reason.</param>
    public static IoUring? TryOpen(int completions, out Errno error)
    {
        var parameters = new IoUringParameters { Flags = IoUringParameters.CompletionSize | IoUringParameters.Clamp, CompletionEntries = (uint)completions };
        var ring = new IoUring();
        ring.SetHandle(Setup(SetupNumber, 1, ref parameters));
        error = ring.IsInvalid ? LibC.LastError : (parameters.Features & Needed) != Needed ? Errno.ENOSYS : Errno.None;
        if (error == Errno.None && !ring.TryMap(parameters)) error = LibC.LastError;
        if (error == Errno.None) return ring;
        ring.Dispose();
        return null;
    }

    /// <summary><see cref="Ready"/> and <see cref="Room"/> for any thread; 0 once it is closed.</summary>
    public (int Ready, int Room) ReadFromElsewhere()
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            return (Ready, Room);
        }
        catch (ObjectDisposedException)
        {
            return default;
        }
        finally
        {
            if (held) DangerousRelease();
        }
    }

    /// <summary>Lets the kernel post so many more completions; those that are not read and the room are at most <see cref="Capacity"/> together.</summary>
    public void AddRoom(int completions)
    {
        _end += (uint)completions;
        Volatile.Write(ref *_head, _end - (uint)Capacity);
    }

    /// <summary>Submits; false with errno in <see cref="LibC.LastError"/> where the kernel did not take it.</summary>
    public bool TrySubmit(in SubmissionEntry submission)
    {
        uint tail = *_submitTail;
        ((SubmissionEntry*)_entries)[tail & _submitMask] = submission;
        Volatile.Write(ref *_submitTail, tail + 1);
        if (Enter(EnterNumber, this, 1, 0, 0, 0, 0) == 1) return true;
        Volatile.Write(ref *_submitTail, tail);
        return false;
    }

    /// <summary>Cancels a submission, from any thread: its last completion then has the result <see cref="Errno.ECANCELED"/>.</summary>
    public void Cancel(ulong key)
    {
        var cancel = new SyncCancel { Key = key, Descriptor = -1, Seconds = -1, Nanoseconds = -1 };
        _ = Register(RegisterNumber, this, RegisterSyncCancel, in cancel, 1);
    }

    /// <summary>Takes the next completion.</summary>
    public bool TryRead(out CompletionEntry completion)
    {
        if (Ready == 0 && HasOverflowed) TakeOverflow();
        completion = default;
        if (Ready == 0) return false;
        completion = _completions[_read & _mask];
        _read++;
        return true;
    }

    /// <summary>Waits for another completion than those that are ready; returns early where the thread was interrupted. There must be room for it.</summary>
    public void WaitForMore()
    {
        if (HasOverflowed) return;
        // For the kernel those count as well that were read and whose place it was not given back.
        uint posted = _read + (uint)Ready - (_end - (uint)Capacity);
        _ = Enter(EnterNumber, this, 0, posted + 1, _waitFlags, 0, 0);
    }

    protected override bool ReleaseHandle()
    {
        if (_entries is not null) _ = Unmap(_entries, _entriesSize);
        if (_rings is not null) _ = Unmap(_rings, _ringsSize);
        return LibC.Close((int)handle) == 0;
    }

    private void TakeOverflow()
    {
        AddRoom(1);
        _ = Enter(EnterNumber, this, 0, 0, EnterGetEvents, 0, 0);
    }

    private bool TryMap(in IoUringParameters parameters)
    {
        Capacity = (int)parameters.CompletionEntries;
        _ringsSize = Math.Max(
            parameters.Completions.Entry + parameters.CompletionEntries * (nuint)sizeof(CompletionEntry),
            parameters.Submissions.Array + parameters.SubmissionEntries * (nuint)sizeof(uint));
        _entriesSize = parameters.SubmissionEntries * (nuint)sizeof(SubmissionEntry);
        if (!TryMap(_ringsSize, RingsOffset, out _rings) || !TryMap(_entriesSize, EntriesOffset, out _entries)) return false;

        _submitTail = At(parameters.Submissions.Tail);
        _submitFlags = At(parameters.Submissions.Flags);
        _submitMask = *At(parameters.Submissions.Mask);
        for (uint i = 0; i < parameters.SubmissionEntries; i++) At(parameters.Submissions.Array)[i] = i;
        _head = At(parameters.Completions.Head);
        _tail = At(parameters.Completions.Tail);
        _mask = *At(parameters.Completions.Mask);
        _completions = (CompletionEntry*)At(parameters.Completions.Entry);
        _waitFlags = EnterGetEvents | ((parameters.Features & IoUringFeatures.NoIoWait) != 0 ? EnterNoIoWait : 0);
        AddRoom(0);
        return true;
    }

    private bool TryMap(nuint size, nint offset, out byte* start)
    {
        start = Map(null, size, ProtReadWrite, MapSharedPopulate, this, offset);
        if (start != (byte*)-1) return true;
        start = null;
        return false;
    }

    private uint* At(uint offset) => (uint*)(_rings + offset);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Setup(nint number, nuint submissions, ref IoUringParameters parameters);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Enter(nint number, SafeHandle ring, nuint submitted, nuint awaited, nuint flags, nint argument, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Register(nint number, SafeHandle ring, nint operation, in SyncCancel argument, nuint count);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial byte* Map(byte* address, nuint size, int protection, int flags, SafeHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint size);
}
