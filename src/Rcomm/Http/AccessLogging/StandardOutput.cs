namespace Rcomm.Http.AccessLogging;

/// <summary>Writes lines to standard output. A write blocks while a pipe is full.</summary>
internal sealed class StandardOutput(Action<string> warn) : LineOutput
{
    private readonly Stream _stream = Console.OpenStandardOutput();
    private bool _failed;

    public override int Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            _stream.Write(lines);
            _failed = false;
            return 0;
        }
        catch (IOException e)
        {
            // The reader is gone or the disk is full: the server continues without the lines.
            if (!_failed) warn($"standard output: {e.Message}");
            _failed = true;
            return lines.Count((byte)'\n');
        }
    }

    public override void Dispose() => _stream.Dispose();
}
