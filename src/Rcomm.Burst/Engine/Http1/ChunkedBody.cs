namespace Rcomm.Burst.Engine.Http1;

/// <summary>Finds the end of a chunked body (RFC 9112, section 7.1), however it is split.</summary>
internal struct ChunkedBody
{
    private enum Part : byte
    {
        Size,
        Extension,
        Data,
        AfterData,
        TrailerLine,
        Complete,
    }

    private Part _part;
    private bool _lineIsEmpty;
    private long _left;

    public ReadState Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _part != Part.Complete)
        {
            if (_part == Part.Data)
            {
                int skipped = (int)Math.Min(_left, bytes.Length);
                bytes = bytes[skipped..];
                _left -= skipped;
                if (_left == 0) _part = Part.AfterData;
                continue;
            }
            if (!Take(bytes[0])) return ReadState.Broken;
            bytes = bytes[1..];
        }
        return _part == Part.Complete ? ReadState.Complete : ReadState.NeedsMore;
    }

    private bool Take(byte next)
    {
        switch (_part)
        {
            case Part.Size when char.IsAsciiHexDigit((char)next):
                // ASCII: bit 6 is set in letters, and their low nibble counts from 1.
                _left = _left * 16 + (next & 0xF) + (next >> 6) * 9;
                return _left <= int.MaxValue;
            case Part.Size when next == '\n':
            case Part.Extension when next == '\n':
                _part = _left == 0 ? Part.TrailerLine : Part.Data;
                _lineIsEmpty = true;
                return true;
            case Part.Size:
                _part = Part.Extension;
                return next is (byte)'\r' or (byte)';' or (byte)' ';
            case Part.AfterData when next == '\n':
                _part = Part.Size;
                return true;
            case Part.AfterData:
                return next == '\r';
            case Part.TrailerLine when next == '\n':
                if (_lineIsEmpty) _part = Part.Complete;
                _lineIsEmpty = true;
                return true;
            case Part.TrailerLine:
                _lineIsEmpty &= next == '\r';
                return true;
            default:
                return true;
        }
    }
}
