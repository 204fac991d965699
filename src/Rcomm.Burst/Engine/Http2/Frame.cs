using System.Buffers.Binary;

namespace Rcomm.Burst.Engine.Http2;

internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>The layout of HTTP/2 frames (RFC 9113, 4.1 and 6).</summary>
internal static class Frame
{
    public const int HeaderSize = 9;
    public const int MaxPayload = 16 * 1024;
    public const byte EndStream = 0x1;
    public const byte Acknowledgement = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte Priority = 0x20;

    public static byte[] Build(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeaderSize + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = (byte)type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    public static int PayloadLength(ReadOnlySpan<byte> header) => header[0] << 16 | BinaryPrimitives.ReadUInt16BigEndian(header[1..]);

    public static int Stream(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue;

    /// <summary>Returns the payload without the padding and the priority that DATA and HEADERS may have (RFC 9113, 6.1 and 6.2).</summary>
    public static ReadOnlySpan<byte> WithoutPadding(ReadOnlySpan<byte> payload, byte flags, bool hasPriority)
    {
        int padding = 0;
        if ((flags & Padded) != 0 && !payload.IsEmpty)
        {
            padding = payload[0];
            payload = payload[1..];
        }
        if (hasPriority && (flags & Priority) != 0 && payload.Length >= 5) payload = payload[5..];
        return payload[..Math.Max(0, payload.Length - padding)];
    }
}
