using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

/// <summary>Sizes and offsets against the kernel's headers: include/uapi/linux/{tcp,stat,poll,io_uring}.h.</summary>
public sealed class StructLayoutTests
{
    [Theory]
    [InlineData(nameof(TcpInfo.Unacked), 24)]
    [InlineData(nameof(TcpInfo.Sacked), 28)]
    [InlineData(nameof(TcpInfo.LastDataSent), 44)]
    public void tcp_info(string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<TcpInfo>(field));

    [Theory]
    [InlineData(nameof(FileStatus.Raw.Mode), 28)]
    [InlineData(nameof(FileStatus.Raw.Inode), 32)]
    public void statx(string field, int offset)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<FileStatus.Raw>(field));
        Assert.Equal(256, Marshal.SizeOf<FileStatus.Raw>());
    }

    [Theory]
    [InlineData(nameof(IoUringParameters.Features), 20)]
    [InlineData(nameof(IoUringParameters.Submissions), 40)]
    [InlineData(nameof(IoUringParameters.Completions), 80)]
    public void io_uring_params(string field, int offset)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<IoUringParameters>(field));
        Assert.Equal(120, Marshal.SizeOf<IoUringParameters>());
    }

    [Theory]
    [InlineData(nameof(SubmissionEntry.Descriptor), 4)]
    [InlineData(nameof(SubmissionEntry.AcceptFlags), 28)]
    [InlineData(nameof(SubmissionEntry.Key), 32)]
    public void io_uring_sqe(string field, int offset)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<SubmissionEntry>(field));
        Assert.Equal((64, 16, 64), (Marshal.SizeOf<SubmissionEntry>(), Marshal.SizeOf<CompletionEntry>(), Marshal.SizeOf<SyncCancel>()));
    }

    [Fact]
    public void pollfd()
    {
        Assert.Equal(8, Marshal.SizeOf<PollDescriptor>());
        Assert.Equal(4, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.Events)));
        Assert.Equal(6, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.ReturnedEvents)));
    }
}
