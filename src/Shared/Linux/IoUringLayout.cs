using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary><c>struct io_uring_params</c> (include/uapi/linux/io_uring.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct IoUringParameters
{
    /// <summary><c>IORING_SETUP_CQSIZE</c>: the completion queue's size is <see cref="CompletionEntries"/>.</summary>
    public const uint CompletionSize = 1 << 3;

    /// <summary><c>IORING_SETUP_CLAMP</c>: sizes above the kernel's limits are reduced to them.</summary>
    public const uint Clamp = 1 << 4;

    [FieldOffset(0)] public uint SubmissionEntries;
    [FieldOffset(4)] public uint CompletionEntries;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(20)] public IoUringFeatures Features;
    [FieldOffset(40)] public SubmissionOffsets Submissions;
    [FieldOffset(80)] public CompletionOffsets Completions;

    /// <summary><c>struct io_sqring_offsets</c>: the offsets of the queue's parts in the mapping.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SubmissionOffsets
    {
        public uint Head, Tail, Mask, Entries, Flags, Dropped, Array, Reserved;
        public ulong UserAddress;
    }

    /// <summary><c>struct io_cqring_offsets</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CompletionOffsets
    {
        public uint Head, Tail, Mask, Entries, Overflow, Entry, Flags, Reserved;
        public ulong UserAddress;
    }
}

/// <summary>The features of the kernel's io_uring (<c>IORING_FEAT_*</c>).</summary>
[Flags]
internal enum IoUringFeatures : uint
{
    /// <summary>Both queues are in one mapping (Linux 5.4).</summary>
    SingleMap = 1 << 0,

    /// <summary>Completions that don't fit are kept (5.5).</summary>
    NoDrop = 1 << 1,

    /// <summary><c>IORING_FEAT_REG_REG_RING</c>: the kernel is 6.3 or later.</summary>
    RegisteredRing = 1 << 13,

    /// <summary>A waiting thread need not count as waiting for I/O (6.15).</summary>
    NoIoWait = 1 << 17,
}

/// <summary><c>struct io_uring_sqe</c>, with the fields that an accept uses.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    /// <summary><c>IORING_OP_ACCEPT</c>.</summary>
    public const byte Accept = 13;

    /// <summary><c>IORING_ACCEPT_MULTISHOT</c> in <see cref="Priority"/>: a completion for each connection (5.19).</summary>
    public const ushort AcceptMultishot = 1;

    [FieldOffset(0)] public byte Operation;
    [FieldOffset(2)] public ushort Priority;
    [FieldOffset(4)] public int Descriptor;
    [FieldOffset(28)] public uint AcceptFlags;
    [FieldOffset(32)] public ulong Key;
}

/// <summary><c>struct io_uring_cqe</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CompletionEntry
{
    // IORING_CQE_F_MORE.
    private const uint More = 1 << 1;

    public readonly ulong Key;

    /// <summary>The result of the call: a descriptor, or a negative errno.</summary>
    public readonly int Result;

    public readonly uint Flags;

    /// <summary>Whether more completions follow for this submission.</summary>
    public bool HasMore => (Flags & More) != 0;
}

/// <summary><c>struct io_uring_sync_cancel_reg</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SyncCancel
{
    [FieldOffset(0)] public ulong Key;
    [FieldOffset(8)] public int Descriptor;
    [FieldOffset(12)] public uint Flags;

    /// <summary>Both -1: no timeout.</summary>
    [FieldOffset(16)] public long Seconds;
    [FieldOffset(24)] public long Nanoseconds;
}
