using System.Text;
using Rcomm.Burst.Engine.Http1;

namespace Rcomm.Burst.Tests;

public sealed class ResponseReaderTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:4 \r\n\r\nbody")]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nbody\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 9\r\n\r\n1\r\nx\r\n0\r\nTrailer: x\r\n\r\n")]
    public void An_answer_ends_at_the_same_byte_however_it_is_cut(string answer)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(answer);
        for (int cut = 1; cut <= bytes.Length; cut++)
        {
            var reader = new ResponseReader();
            ReadState state = ReadState.NeedsMore;
            for (int start = 0; start < bytes.Length; start += cut)
            {
                Assert.Equal(ReadState.NeedsMore, state);
                state = reader.Feed(bytes.AsSpan(start, Math.Min(cut, bytes.Length - start)));
            }
            Assert.Equal((ReadState.Complete, 200), (state, reader.Status));
        }
    }

    [Fact]
    public void A_head_without_an_end_is_given_up()
    {
        var reader = new ResponseReader();
        ReadState state = reader.Feed("HTTP/1.1 200 OK\r\n"u8);
        for (int i = 0; i < 100 && state == ReadState.NeedsMore; i++) state = reader.Feed(new byte[1024]);

        Assert.Equal(ReadState.Broken, state);
    }
}
