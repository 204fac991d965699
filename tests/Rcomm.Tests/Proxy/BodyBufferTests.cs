using Rcomm.Proxy.Bodies;

namespace Rcomm.Tests.Proxy;

/// <summary>Buffering for slow clients, in memory and in a file.</summary>
public sealed class BodyBufferTests
{
    [Theory]
    [InlineData(1_000_000, 1_000_000)]
    [InlineData(40_000, 1_000_000)]
    [InlineData(0, 1_000_000)]
    [InlineData(0, 1)]
    public async Task What_is_written_is_read_in_order_while_more_is_written(int memory, int file)
    {
        var budget = new MemoryBudget(memory);
        using var buffer = new BodyBuffer(budget, file);
        var random = new Random(3);
        byte[] all = new byte[2_000_000];
        random.NextBytes(all);
        Task writing = Task.Run(async () =>
        {
            for (int at = 0; at < all.Length;)
            {
                int count = Math.Min(all.Length - at, 1 + at % 30_000);
                await buffer.WriteAsync(all.AsMemory(at, count));
                await buffer.WaitForRoomAsync();
                at += count;
            }
            buffer.Complete();
        });

        var read = new MemoryStream();
        byte[] room = new byte[10_000];
        while (await buffer.ReadAsync(room) is > 0 and int count) read.Write(room, 0, count);

        await writing;
        Assert.True(all.AsSpan().SequenceEqual(read.ToArray()));
        Assert.Equal(all.Length, buffer.Length);
    }

    [Fact]
    public async Task Memory_is_given_back()
    {
        var budget = new MemoryBudget(100_000);
        using (var buffer = new BodyBuffer(budget, 1_000_000)) await buffer.WriteAsync(new byte[90_000]);

        Assert.True(budget.TryTake(100_000));
    }
}
