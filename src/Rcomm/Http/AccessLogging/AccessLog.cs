namespace Rcomm.Http.AccessLogging;

/// <summary>Writes a line for each request to each output. Requests never wait for it: if an output is too slow, its lines are dropped and counted.</summary>
internal sealed class AccessLog(IReadOnlyList<LineWriter> outputs, AccessLogFormat format)
{
    private const int UsualLine = 4 << 10;
    private const int MaxLineLength = 256 << 10;

    [ThreadStatic]
    private static byte[]? t_line;

    private readonly LineWriter[] _outputs = [.. outputs];

    public AccessLogFormat Format => format;

    /// <summary>The number of lines dropped so far.</summary>
    public long Dropped => _outputs.Sum(output => output.Dropped);

    /// <summary>Reopens the file before the next line.</summary>
    public void Reopen()
    {
        foreach (LineWriter output in _outputs) output.Reopen();
    }

    /// <summary>Writes the line of an answered request.</summary>
    public void Write(in AccessEntry entry)
    {
        t_line ??= new byte[UsualLine];
        int length;
        while (!AccessLogLine.TryFormat(entry, format, t_line, out length))
        {
            if (t_line.Length >= MaxLineLength) return;
            t_line = new byte[t_line.Length * 2];
        }
        foreach (LineWriter output in _outputs) output.Write(t_line.AsSpan(0, length));
    }
}
