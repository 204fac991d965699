using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Rcomm.Burst.Engine.WebSockets;

internal enum Opcode : byte
{
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>A control frame from the server; data frames are read and discarded.</summary>
internal readonly record struct ControlFrame(Opcode Opcode, byte[] Payload);

/// <summary>
/// Control frames of a WebSocket (RFC 6455, 5). <see cref="System.Net.WebSockets.WebSocket"/> isn't used: it sends pings from timers on other threads and
/// doesn't report when they were answered.
/// </summary>
internal sealed class WebSocketFrames
{
    private const int MaxControlPayload = 125;
    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const int MaskSize = 4;

    private readonly List<byte> _pending = [];
    private long _toSkip;

    /// <summary>Builds a client's frame, which is always masked (RFC 6455, 5.3).</summary>
    public static byte[] Build(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[2 + MaskSize + payload.Length];
        (frame[0], frame[1]) = ((byte)(Final | (byte)opcode), (byte)(Masked | payload.Length));
        Span<byte> mask = frame.AsSpan(2, MaskSize);
        RandomNumberGenerator.Fill(mask);
        for (int i = 0; i < payload.Length; i++) frame[2 + MaskSize + i] = (byte)(payload[i] ^ mask[i % MaskSize]);
        return frame;
    }

    /// <summary>Parses bytes from the server, however they are split, and returns the control frames in them.</summary>
    public IReadOnlyList<ControlFrame> Feed(ReadOnlySpan<byte> bytes)
    {
        List<ControlFrame> frames = [];
        while (!bytes.IsEmpty)
        {
            if (_toSkip > 0)
            {
                int skipped = (int)Math.Min(_toSkip, bytes.Length);
                _toSkip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }
            _pending.Add(bytes[0]);
            bytes = bytes[1..];
            if (TakePending() is { } frame) frames.Add(frame);
        }
        return frames;
    }

    // Called after each byte of a header or a control frame.
    private ControlFrame? TakePending()
    {
        if (_pending.Count < 2) return null;
        int lengthBytes = (_pending[1] & ~Masked) switch { 126 => 2, 127 => 8, _ => 0 };
        int header = 2 + lengthBytes + ((_pending[1] & Masked) != 0 ? MaskSize : 0);
        if (_pending.Count < header) return null;

        long length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian([.. _pending[2..4]]),
            8 => BinaryPrimitives.ReadInt64BigEndian([.. _pending[2..10]]),
            _ => _pending[1] & ~Masked,
        };
        Opcode opcode = (Opcode)(_pending[0] & 0xF);
        if (opcode < Opcode.Close || length > MaxControlPayload)
        {
            _toSkip = length;
            _pending.Clear();
            return null;
        }
        if (_pending.Count < header + length) return null;
        var frame = new ControlFrame(opcode, [.. _pending[header..]]);
        _pending.Clear();
        return frame;
    }
}
