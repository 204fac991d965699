using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>
/// An io_uring(7) for one thread that submits and reads. Submissions progress while that thread runs or waits for anything else, since the kernel
/// interrupts it for each completion. So it doesn't use the flags that delay completions until the thread enters the kernel
/// (<c>IORING_SETUP_COOP_TASKRUN</c>, <c>IORING_SETUP_DEFER_TASKRUN</c>). The kernel posts no more completions than <see cref="AddRoom"/> allows, and one
/// more, which ends a multishot submission and waits outside the queue.
/// </summary>
internal sealed unsafe partial class IoUring : SafeHandleMinusOneIsInvalid
{
    /// <summary><c>IORING_MAX_CQ_ENTRIES</c>.</summary>
    public const int MaxCompletions = 1 << 16;

    // io_uring_setup(2), io_uring_enter(2), io_uring_register(2): the numbers are the same on every architecture. The C library has no wrappers.
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
    // Positions in the queue, which wrap: the next completion to read, and the first that the kernel must not post.
    private volatile uint _read;
    private volatile uint _end;

    /// <summary>Initializes a closed instance; <see cref="TryOpen"/> opens one.</summary>
    public IoUring() : base(ownsHandle: true)
    {
    }

    /// <summary>The maximum number of unread completions.</summary>
    public int Capacity { get; private set; }

    /// <summary>The number of unread completions.</summary>
    public int Ready => (int)(Volatile.Read(ref *_tail) - _read);

    /// <summary>How many more completions the kernel may post.</summary>
    public int Room => (int)(_end - Volatile.Read(ref *_tail));

    /// <summary>Whether the last completion of a submission is posted and unread. For one submission at a time.</summary>
    public bool HasLast => HasOverflowed || (Ready is > 0 and int ready && !_completions[(_read + (uint)ready - 1) & _mask].HasMore);

    private bool HasOverflowed => (Volatile.Read(ref *_submitFlags) & Overflow) != 0;

    /// <summary>Opens an io_uring. Returns null with the error if the kernel is too old (<see cref="Errno.ENOSYS"/>) or forbids it.</summary>
    /// <param name="completions">The minimum room for completions, up to <see cref="MaxCompletions"/>.</param>
    /// <param name="error">The error.</param>
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

    /// <summary>Returns <see cref="Ready"/> and <see cref="Room"/>, on any thread; 0 once it is closed.</summary>
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

    /// <summary>Lets the kernel post more completions. Unread ones and the room together must not exceed <see cref="Capacity"/>.</summary>
    public void AddRoom(int completions)
    {
        _end += (uint)completions;
        Volatile.Write(ref *_head, _end - (uint)Capacity);
    }

    /// <summary>Submits an entry. Returns false with the errno in <see cref="LibC.LastError"/> if the kernel refuses it.</summary>
    public bool TrySubmit(in SubmissionEntry submission)
    {
        uint tail = *_submitTail;
        ((SubmissionEntry*)_entries)[tail & _submitMask] = submission;
        Volatile.Write(ref *_submitTail, tail + 1);
        if (Enter(EnterNumber, this, 1, 0, 0, 0, 0) == 1) return true;
        Volatile.Write(ref *_submitTail, tail);
        return false;
    }

    /// <summary>Cancels a submission, on any thread. Its last completion then has the result <see cref="Errno.ECANCELED"/>.</summary>
    public void Cancel(ulong key)
    {
        var cancel = new SyncCancel { Key = key, Descriptor = -1, Seconds = -1, Nanoseconds = -1 };
        _ = Register(RegisterNumber, this, RegisterSyncCancel, in cancel, 1);
    }

    /// <summary>Reads the next completion.</summary>
    public bool TryRead(out CompletionEntry completion)
    {
        if (Ready == 0 && HasOverflowed) TakeOverflow();
        completion = default;
        if (Ready == 0) return false;
        completion = _completions[_read & _mask];
        _read++;
        return true;
    }

    /// <summary>Waits for a completion beyond those that are ready. There must be room for it. Returns early if the thread is interrupted.</summary>
    public void WaitForMore()
    {
        if (HasOverflowed) return;
        // The kernel also counts completions that were read but whose room it has not got back.
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
