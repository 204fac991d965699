using Rcomm.Burst.Engine.Http2;

namespace Rcomm.Burst.Tests;

/// <summary>The status in each of the forms that RFC 7541 allows.</summary>
public sealed class HpackTests
{
    [Theory]
    [InlineData("88", 200)]
    [InlineData("8B", 304)]
    [InlineData("8E", 500)]
    // RFC 7541, C.5.1 and C.6.1: 302 as a literal, plain and Huffman-coded.
    [InlineData("4803333032", 302)]
    [InlineData("488264 02", 302)]
    // C.6.2: 307, Huffman-coded. Without indexing, never indexed, and with the name written out.
    [InlineData("4883640EFF", 307)]
    [InlineData("0803343034", 404)]
    [InlineData("1803353033", 503)]
    [InlineData("00073A73746174757303323031", 201)]
    // After a change of the table's size to 0, and to 4,096.
    [InlineData("2088", 200)]
    [InlineData("3FE11F89", 204)]
    // Not a status, cut short, empty.
    [InlineData("82", 0)]
    [InlineData("48", 0)]
    [InlineData("0803", 0)]
    [InlineData("", 0)]
    public void A_status_is_read(string block, int status) => Assert.Equal(status, Hpack.ReadStatus(Convert.FromHexString(block.Replace(" ", ""))));

    [Fact]
    public void Long_fields_have_their_length_in_several_bytes()
    {
        byte[] block = Hpack.Encode([new("a", new string('b', 300))]);

        // RFC 7541, 5.1: 300 = 127 + 45 + 1 * 128.
        Assert.Equal<byte>([0, 1, (byte)'a', 127, 45 | 128, 1], block[..6]);
        Assert.Equal(306, block.Length);
    }
}
