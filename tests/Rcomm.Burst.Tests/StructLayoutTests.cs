using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Tests;

/// <summary>Sizes and offsets against the kernel's headers: include/uapi/linux/{tcp,eventpoll,poll,resource}.h.</summary>
public sealed class StructLayoutTests
{
    [Theory]
    [InlineData(nameof(TcpInfo.Unacked), 24)]
    [InlineData(nameof(TcpInfo.TotalRetransmits), 100)]
    public void tcp_info(string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<TcpInfo>(field));

    [Fact]
    public void epoll_event() => Assert.Equal(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16, EpollInstance.EventSize);

    [Fact]
    public void pollfd()
    {
        Assert.Equal(8, Marshal.SizeOf<PollDescriptor>());
        Assert.Equal(4, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.Events)));
        Assert.Equal(6, (int)Marshal.OffsetOf<PollDescriptor>(nameof(PollDescriptor.ReturnedEvents)));
    }

    [Fact]
    public void timespec()
    {
        Assert.Equal(16, Marshal.SizeOf<TimeSpec>());
        Assert.Equal(8, (int)Marshal.OffsetOf<TimeSpec>(nameof(TimeSpec.Nanoseconds)));
    }

    [Fact]
    public void rlimit()
    {
        Assert.Equal(16, Marshal.SizeOf<DescriptorLimit.Limit>());
        Assert.Equal(8, (int)Marshal.OffsetOf<DescriptorLimit.Limit>(nameof(DescriptorLimit.Limit.Hard)));
    }
}
