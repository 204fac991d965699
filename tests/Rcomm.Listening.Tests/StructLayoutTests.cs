using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

/// <summary>Sizes and offsets against the kernel's headers: include/uapi/linux/{tcp,stat,poll}.h.</summary>
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

    [Fact]
    public void pollfd()
    {
        Assert.Equal(8, Marshal.SizeOf<PollDescriptor>());
        Assert.Equal(4, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.Events)));
        Assert.Equal(6, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.Happened)));
    }
}
