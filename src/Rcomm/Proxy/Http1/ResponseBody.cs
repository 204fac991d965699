using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Rcomm.Proxy.Bodies;

namespace Rcomm.Proxy.Http1;

/// <summary>The body of a response, read in parts, without its framing (RFC 9112, sections 6 and 7).</summary>
internal sealed class ResponseBody(UpstreamConnection connection, BodyFraming framing) : IBodySource
{
    private const int MaxLine = 8 * 1024;
    private const int MaxTrailers = 100;

    // The remaining length of the body, or of the current chunk.
    private long _left = framing == BodyFraming.Length ? connection.Head.ContentLength : 0;
    private bool _isInChunk;
    private bool _isAfterChunk;
    private bool _hasEnded = framing == BodyFraming.None;

    public ReadOnlySequence<byte> Current { get; private set; }

    public bool HasEnded => _hasEnded || (framing == BodyFraming.Length && _left == 0);

    /// <summary>Whether nothing followed its end, so that the connection can be reused.</summary>
    public bool EndsClean { get; private set; } = true;

    public List<(string Name, string Value)>? Trailers { get; private set; }

    public void Expect(TimeSpan within) => connection.Expect(within);

    public async ValueTask<bool> NextAsync()
    {
        while (!HasEnded)
        {
            ReadResult read = await connection.ReadAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (framing == BodyFraming.Chunked && !_isInChunk)
            {
                SequencePosition examined = buffer.End;
                SequencePosition consumed = ReadFraming(buffer, ref examined);
                connection.AdvanceTo(consumed, examined);
                if (!_hasEnded && !_isInChunk && read.IsCompleted) throw connection.Broken(null);
                continue;
            }
            if (buffer.Length > 0)
            {
                Current = framing == BodyFraming.UntilClose ? buffer : buffer.Slice(0, Math.Min(buffer.Length, _left));
                if (framing == BodyFraming.Length && buffer.Length > _left) EndsClean = false;
                return true;
            }
            connection.AdvanceTo(buffer.End);
            if (!read.IsCompleted) continue;
            if (framing != BodyFraming.UntilClose) throw connection.Broken(null);
            _hasEnded = true;
        }
        return false;
    }

    public void Consume()
    {
        if (framing != BodyFraming.UntilClose) _left -= Current.Length;
        if (_isInChunk && _left == 0) (_isInChunk, _isAfterChunk) = (false, true);
        connection.AdvanceTo(Current.End);
        Current = default;
    }

    // Reads what is between the data of chunks. Returns the consumed position; examined is where it stopped for lack of data.
    private SequencePosition ReadFraming(ReadOnlySequence<byte> buffer, ref SequencePosition examined)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (!_isInChunk && !_hasEnded)
        {
            SequencePosition used = reader.Position;
            if (!TryReadLine(ref reader, out ReadOnlySpan<byte> line)) return used;
            ReadLine(line);
        }
        if (_hasEnded) EndsClean = reader.End;
        // What follows isn't examined; otherwise the next read would wait for more.
        return examined = reader.Position;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        if (Trailers is not null)
        {
            if (line.Length == 0) _hasEnded = true;
            else AddTrailer(line);
        }
        else if (_isAfterChunk)
        {
            if (line.Length > 0) throw Bad("a chunk is longer than its size");
            _isAfterChunk = false;
        }
        else if ((_left = SizeOf(line)) == 0) Trailers = [];
        else _isInChunk = true;
    }

    private static bool TryReadLine(ref SequenceReader<byte> reader, out ReadOnlySpan<byte> line)
    {
        if (!reader.TryReadTo(out line, (byte)'\n'))
        {
            if (reader.Remaining > MaxLine) throw Bad("a chunk-size line is too long");
            return false;
        }
        if (line is not [.., (byte)'\r']) throw Bad("a line between chunks doesn't end with CR LF");
        line = line[..^1];
        return true;
    }

    private static long SizeOf(ReadOnlySpan<byte> line)
    {
        int extension = line.IndexOf((byte)';');
        ReadOnlySpan<byte> digits = extension < 0 ? line : line[..extension].TrimEnd(" \t"u8);
        bool isNumber = long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long size);
        if (FieldRules.HasControls(line) || !isNumber || size < 0) throw Bad("the size of a chunk isn't valid");
        return size;
    }

    private void AddTrailer(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        bool isField = colon >= 0 && FieldRules.IsToken(line[..colon]) && !FieldRules.HasControls(line);
        if (!isField || Trailers!.Count == MaxTrailers) throw Bad("a trailer isn't valid");
        Trailers.Add((Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8))));
    }

    private static UpstreamException Bad(string what) => new(UpstreamFailure.BadAnswer, $"the response isn't valid HTTP/1.1: {what}");
}
