using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Tests;

public sealed class PageCacheTests : IDisposable
{
    private readonly byte[] _content = new byte[100_000];
    private readonly string _path = Path.GetTempFileName();

    public PageCacheTests()
    {
        new Random(1).NextBytes(_content);
        File.WriteAllBytes(_path, _content);
    }

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_file_in_memory_is_read_up_to_its_end()
    {
        using SafeFileHandle file = File.OpenHandle(_path);
        byte[] buffer = new byte[40_000];
        Assert.SkipUnless(PageCache.TryRead(file, buffer, 0, out _), "the file system can't tell what is in memory");
        List<byte> read = [];
        while (PageCache.TryRead(file, buffer, read.Count, out int count) && count > 0) read.AddRange(buffer.AsSpan(0, count));

        Assert.Equal(_content, read);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_not_read()
    {
        using SafeFileHandle file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write);

        Assert.False(PageCache.TryRead(file, new byte[10], 0, out _));
    }
}
