using System.Text;

namespace Rcomm.Burst.Engine.Http2;

/// <summary>The part of HPACK (RFC 7541) needed for one request and the status of its response.</summary>
internal static class Hpack
{
    // RFC 7541, appendix A: the static table has :status at 8 to 14, with these values.
    private const int FirstStatusIndex = 8;
    private static readonly int[] IndexedStatuses = [200, 204, 206, 304, 400, 404, 500];

    /// <summary>Encodes header fields as literals without indexing or Huffman coding: always valid, and the same bytes for each connection.</summary>
    public static byte[] Encode(IEnumerable<RequestHeader> fields)
    {
        List<byte> block = [];
        foreach (RequestHeader field in fields)
        {
            block.Add(0);
            AddText(block, field.Name);
            AddText(block, field.Value);
        }
        return [.. block];
    }

    /// <summary>
    /// Reads the status at the start of a header block; returns 0 if there is none. <c>:status</c> is a response's first field (RFC 9113, 8.3), and the
    /// burst allows the server no dynamic table.
    /// </summary>
    public static int ReadStatus(ReadOnlySpan<byte> block)
    {
        // A size update of the dynamic table comes first (RFC 7541, 6.3).
        while (!block.IsEmpty && (block[0] & 0xE0) == 0x20) _ = ReadNumber(ref block, 5);
        if (block.IsEmpty) return 0;
        if ((block[0] & 0x80) != 0)
        {
            int index = ReadNumber(ref block, 7) - FirstStatusIndex;
            return index >= 0 && index < IndexedStatuses.Length ? IndexedStatuses[index] : 0;
        }
        int name = ReadNumber(ref block, (block[0] & 0x40) != 0 ? 6 : 4);
        bool isStatus =
            name == 0 ? ReadText(ref block).SequenceEqual(":status"u8) : name >= FirstStatusIndex && name < FirstStatusIndex + IndexedStatuses.Length;
        return isStatus && !block.IsEmpty ? ReadDigits(ref block) : 0;
    }

    private static void AddText(List<byte> block, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        AddNumber(block, bytes.Length);
        block.AddRange(bytes);
    }

    // RFC 7541, 5.1, with a prefix of 7 bits.
    private static void AddNumber(List<byte> block, int number)
    {
        const int Prefix = 0x7F;
        if (number < Prefix)
        {
            block.Add((byte)number);
            return;
        }
        block.Add(Prefix);
        for (number -= Prefix; number >= 0x80; number >>= 7) block.Add((byte)(number & 0x7F | 0x80));
        block.Add((byte)number);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        int prefix = (1 << prefixBits) - 1, number = block[0] & prefix;
        block = block[1..];
        if (number < prefix) return number;
        for (int shift = 0; !block.IsEmpty && shift < 28; shift += 7)
        {
            byte next = block[0];
            block = block[1..];
            number += (next & 0x7F) << shift;
            if ((next & 0x80) == 0) break;
        }
        return number;
    }

    private static ReadOnlySpan<byte> ReadText(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty) return [];
        int length = Math.Min(ReadNumber(ref block, 7), block.Length);
        ReadOnlySpan<byte> text = block[..length];
        block = block[length..];
        return text;
    }

    private static int ReadDigits(ref ReadOnlySpan<byte> block)
    {
        bool isHuffman = (block[0] & 0x80) != 0;
        ReadOnlySpan<byte> text = ReadText(ref block);
        int status = 0;
        if (isHuffman) return ReadHuffmanDigits(text);
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit) || status > 99) return 0;
            status = status * 10 + digit - '0';
        }
        return status;
    }

    // RFC 7541, appendix B: 0, 1 and 2 have five bits (00000 to 00010), 3 to 9 have six (011001 to 011111).
    private static int ReadHuffmanDigits(ReadOnlySpan<byte> text)
    {
        uint bits = 0;
        foreach (byte next in text[..Math.Min(text.Length, 4)]) bits = bits << 8 | next;
        bits <<= 8 * (4 - Math.Min(text.Length, 4));
        int status = 0;
        for (int digit = 0; digit < 3; digit++)
        {
            uint five = bits >> 27, six = bits >> 26;
            if (five <= 2) (status, bits) = (status * 10 + (int)five, bits << 5);
            else if (six is >= 25 and <= 31) (status, bits) = (status * 10 + (int)six - 22, bits << 6);
            else return 0;
        }
        return status;
    }
}
