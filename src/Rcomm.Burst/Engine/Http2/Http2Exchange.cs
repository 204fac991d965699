using System.Buffers.Binary;
using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine.Http2;

/// <summary>One HTTP/2 request and its response (RFC 9113), on its own connection.</summary>
internal sealed class Http2Exchange : IExchange
{
    private const int LastStreamFlagSize = 4;

    private readonly byte[] _buffer = new byte[Frame.HeaderSize + Frame.MaxPayload];
    private readonly List<byte> _headerBlock = [];
    private Session _session = null!;
    private Stream _stream = null!;
    private Http2Body _body = null!;
    private bool _endsWithHeaders;

    public async Task RunAsync(Session session, Stream stream)
    {
        (_session, _stream, _body) = (session, stream, new Http2Body(session.Run.Plan.Request.Body));
        await stream.WriteAsync(session.Run.Request);
        await _body.SendAsync(stream);
        int length = 0, count;
        while ((count = await stream.ReadAsync(_buffer.AsMemory(length))) > 0)
        {
            length += count;
            int used = 0, frame;
            while (length - used >= Frame.HeaderSize && length - used >= (frame = Frame.HeaderSize + Frame.PayloadLength(_buffer.AsSpan(used))))
            {
                if (!await TakeAsync(_buffer.AsMemory(used, frame))) return;
                used += frame;
            }
            _buffer.AsSpan(used, length - used).CopyTo(_buffer);
            length -= used;
            // A frame larger than allowed is an error (RFC 9113, 4.2).
            if (length == _buffer.Length) break;
        }
        session.Close(session.Status == 0 ? ConnectionOutcome.ClosedWithoutAnswer : ConnectionOutcome.BadAnswer);
    }

    public void Ping()
    {
        // Only WebSockets are held with pings.
    }

    public void Leave()
    {
        // If the socket can't take it now, it isn't worth waiting for.
        if (_stream is not null) _ = SendQuietlyAsync(Frame.Build(FrameType.GoAway, 0, 0, new byte[8]));
    }

    // Returns false when the connection is done.
    private async ValueTask<bool> TakeAsync(ReadOnlyMemory<byte> frame)
    {
        FrameType type = (FrameType)frame.Span[3];
        byte flags = frame.Span[4];
        int streamId = Frame.Stream(frame.Span);
        ReadOnlyMemory<byte> payload = frame[Frame.HeaderSize..];
        switch (type)
        {
            case FrameType.Settings when (flags & Frame.Acknowledgement) == 0:
                _body.OnSettings(payload.Span);
                await _stream.WriteAsync(Frame.Build(FrameType.Settings, Frame.Acknowledgement, 0, []));
                await _body.SendAsync(_stream);
                return true;
            case FrameType.WindowUpdate when payload.Length == 4:
                _body.OnWindowUpdate(streamId, BinaryPrimitives.ReadInt32BigEndian(payload.Span) & int.MaxValue);
                await _body.SendAsync(_stream);
                return true;
            case FrameType.Ping when (flags & Frame.Acknowledgement) == 0:
                await _stream.WriteAsync(Frame.Build(FrameType.Ping, Frame.Acknowledgement, 0, payload.Span));
                return true;
            case FrameType.GoAway when !_session.IsAnswered && payload.Length >= LastStreamFlagSize && BinaryPrimitives.ReadInt32BigEndian(payload.Span) == 0:
                _session.Close(ConnectionOutcome.ClosedWithoutAnswer);
                return false;
            case FrameType.ResetStream when streamId == Http2Request.Stream && !_session.IsAnswered:
                _session.Close(ConnectionOutcome.Reset);
                return false;
            case FrameType.Headers or FrameType.Continuation or FrameType.Data when streamId == Http2Request.Stream && !_session.IsAnswered:
                return TakeAnswer(type, flags, payload.Span);
            default:
                return true;
        }
    }

    private bool TakeAnswer(FrameType type, byte flags, ReadOnlySpan<byte> payload)
    {
        _session.OnAnswerByte();
        if (type == FrameType.Data) return (flags & Frame.EndStream) == 0 || End();
        if (type == FrameType.Headers) _endsWithHeaders = (flags & Frame.EndStream) != 0;
        _headerBlock.AddRange(type == FrameType.Headers ? Frame.WithoutPadding(payload, flags, hasPriority: true) : payload);
        if ((flags & Frame.EndHeaders) == 0) return true;

        // A second block after the final status contains trailers (RFC 9113, 8.1).
        if (_session.Status < 200) _session.Status = (ushort)Hpack.ReadStatus([.. _headerBlock]);
        _headerBlock.Clear();
        if (_session.Status == 0)
        {
            _session.Close(ConnectionOutcome.BadAnswer);
            return false;
        }
        return !_endsWithHeaders || End();
    }

    private bool End()
    {
        BurstRun run = _session.Run;
        ConnectionOutcome outcome = Outcomes.Of(_session.Status, run.Expected);
        _session.Answered(outcome);
        if (run.HoldUs > 0) return true;
        _session.Close(outcome);
        return false;
    }

    private async Task SendQuietlyAsync(byte[] frame)
    {
        try
        {
            await _stream.WriteAsync(frame);
        }
        catch (IOException)
        {
            // The server closed the connection first.
        }
    }
}
