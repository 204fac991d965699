using System.Buffers.Binary;

namespace Rcomm.Burst.Engine.Http2;

/// <summary>Sends a request's body as far as the server's windows allow (RFC 9113, 5.2).</summary>
internal sealed class Http2Body(ReadOnlyMemory<byte> body)
{
    private const int DefaultWindow = 65_535;

    private ReadOnlyMemory<byte> _rest = body;
    private long _connectionWindow = DefaultWindow;
    private long _streamWindow = DefaultWindow;
    private int _initialWindow = DefaultWindow;

    public void OnSettings(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= 6; settings = settings[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) != Http2Request.InitialWindowSize) continue;
            int window = BinaryPrimitives.ReadInt32BigEndian(settings[2..]);
            _streamWindow += window - _initialWindow;
            _initialWindow = window;
        }
    }

    public void OnWindowUpdate(int stream, int increment)
    {
        if (stream == 0) _connectionWindow += increment;
        else _streamWindow += increment;
    }

    public async ValueTask SendAsync(Stream stream)
    {
        while (!_rest.IsEmpty && Math.Min(_connectionWindow, _streamWindow) > 0)
        {
            int length = (int)Math.Min(Math.Min(_rest.Length, Frame.MaxPayload), Math.Min(_connectionWindow, _streamWindow));
            ReadOnlyMemory<byte> piece = _rest[..length];
            _rest = _rest[length..];
            _connectionWindow -= length;
            _streamWindow -= length;
            await stream.WriteAsync(Frame.Build(FrameType.Data, _rest.IsEmpty ? Frame.EndStream : (byte)0, Http2Request.Stream, piece.Span));
        }
    }
}
