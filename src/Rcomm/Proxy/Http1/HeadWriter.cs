using System.Buffers;
using System.Text;

namespace Rcomm.Proxy.Http1;

/// <summary>Receives the fields of a request.</summary>
internal interface IFieldWriter
{
    void WriteField(string name, string value);
}

/// <summary>Writes the request line and the fields.</summary>
internal ref struct HeadWriter(IBufferWriter<byte> output) : IFieldWriter
{
    private const int Block = 2048;

    private Span<byte> _room;
    private int _used;

    /// <summary>Writes text, one byte for each character: bytes are forwarded as they were received.</summary>
    public void Write(string text)
    {
        if (_room.Length - _used < text.Length) MakeRoom(text.Length);
        _used += Encoding.Latin1.GetBytes(text, _room[_used..]);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_room.Length - _used < bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_room[_used..]);
        _used += bytes.Length;
    }

    public void WriteField(string name, string value)
    {
        Write(name);
        Write(": "u8);
        Write(value);
        Write("\r\n"u8);
    }

    public void End()
    {
        Write("\r\n"u8);
        output.Advance(_used);
        _room = default;
    }

    private void MakeRoom(int least)
    {
        output.Advance(_used);
        _used = 0;
        _room = output.GetSpan(Math.Max(least, Block));
    }
}
