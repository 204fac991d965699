using System.Buffers.Binary;
using System.Text;
using Rcomm.Burst.Engine.Http1;
using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine.WebSockets;

/// <summary>The upgrade to a WebSocket (RFC 6455) as request and response, then pings until the server or the burst closes it.</summary>
internal sealed class WebSocketExchange : IExchange
{
    private const int BufferSize = 2 * 1024;

    // RFC 6455, 7.4.1.
    private const int NormalClosure = 1000;
    private const int NoCode = 1005;
    private const int AbnormalClosure = 1006;

    private readonly WebSocketFrames _frames = new();
    private readonly string _key = UpgradeResponse.NewKey();
    private Session _session = null!;
    private Stream _stream = null!;
    private bool _isOpen;
    private bool _isLeaving;
    private bool _isSending;
    private byte[]? _nextToSend;
    private long _pingSent = Connection.Never;
    private int _pings;
    private int _pongs;
    private long _maxPong;
    private int? _closeCode;

    public async Task RunAsync(Session session, Stream stream)
    {
        (_session, _stream) = (session, stream);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(Request(session.Run.Plan)));
        byte[] buffer = new byte[BufferSize];
        if (await ReadUpgradeAsync(buffer) is not { } rest) return;

        _isOpen = true;
        session.Answered(ConnectionOutcome.Answered);
        if (session.Run.HoldUs == 0) Leave();
        try
        {
            Take(rest);
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0) Take(buffer.AsSpan(0, count));
        }
        finally
        {
            Keep(endedByServer: !_isLeaving);
            _isOpen = false;
            session.Close(ConnectionOutcome.Answered);
        }
    }

    public void Ping()
    {
        if (!_isOpen || _isLeaving || _isSending) return;
        _pings++;
        // An earlier ping without an answer keeps its time.
        if (_pingSent == Connection.Never) _pingSent = _session.Now;
        Send(Opcode.Ping, []);
    }

    public void Leave()
    {
        if (!_isOpen || _isLeaving || _closeCode is not null) return;
        _isLeaving = true;
        Keep(endedByServer: false);
        byte[] code = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(code, NormalClosure);
        Send(Opcode.Close, code);
    }

    private static string Request(BurstPlan plan, string key)
    {
        var text = new StringBuilder($"GET {plan.Target.Path} HTTP/1.1\r\n");
        foreach (RequestHeader header in plan.Request.HeadersFor(plan.Target)) text.Append($"{header.Name}: {header.Value}\r\n");
        return text.Append($"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").ToString();
    }

    private string Request(BurstPlan plan) => Request(plan, _key);

    // Returns the bytes after the head, which belong to frames; null if there is no WebSocket.
    private async ValueTask<byte[]?> ReadUpgradeAsync(byte[] buffer)
    {
        byte[] head = [];
        int end;
        while ((end = head.AsSpan().IndexOf("\r\n\r\n"u8)) < 0)
        {
            int count = await _stream.ReadAsync(buffer);
            if (count > 0) _session.OnAnswerByte();
            if (count == 0 || head.Length > ResponseReader.MaxHead)
            {
                _session.Close(head.Length == 0 ? ConnectionOutcome.ClosedWithoutAnswer : ConnectionOutcome.BadAnswer);
                return null;
            }
            head = [.. head, .. buffer.AsSpan(0, count)];
        }
        UpgradeResponse response = UpgradeResponse.Read(head.AsSpan(0, end), _key);
        _session.Status = (ushort)response.Status;
        if (response.IsAccepted) return head[(end + 4)..];
        _session.Close(response.Status is 0 or 101 ? ConnectionOutcome.BadAnswer : ConnectionOutcome.WrongStatus);
        return null;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (ControlFrame frame in _frames.Feed(bytes))
        {
            switch (frame.Opcode)
            {
                case Opcode.Ping:
                    Send(Opcode.Pong, frame.Payload);
                    break;
                case Opcode.Pong when _pingSent != Connection.Never:
                    _pongs++;
                    _maxPong = Math.Max(_maxPong, _session.Now - _pingSent);
                    _pingSent = Connection.Never;
                    break;
                case Opcode.Close when _closeCode is null:
                    _closeCode = frame.Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(frame.Payload) : NoCode;
                    if (!_isLeaving) Send(Opcode.Close, frame.Payload);
                    break;
            }
        }
    }

    private void Keep(bool endedByServer) => _session.WebSocket = new(
        _pings, _pongs, _pongs == 0 ? null : _maxPong, endedByServer ? _closeCode ?? AbnormalClosure : null, endedByServer ? _session.Now : null);

    private void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        byte[] frame = WebSocketFrames.Build(opcode, payload);
        // One write at a time; of several pending answers, the last is enough (RFC 6455, 5.5.3).
        if (_isSending) _nextToSend = frame;
        else _ = SendAsync(frame);
    }

    private async Task SendAsync(byte[]? frame)
    {
        _isSending = true;
        try
        {
            for (; frame is not null; (frame, _nextToSend) = (_nextToSend, null)) await _stream.WriteAsync(frame);
        }
        catch (IOException)
        {
            // The read ends too, and determines the outcome.
        }
        _isSending = false;
    }
}
