using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace Rcomm.Http.AccessLogging;

/// <summary>Builds a UTF-8 line in a buffer. When the buffer is full, nothing more is written and <see cref="Fits"/> is false.</summary>
internal ref struct LineText(Span<byte> room)
{
    // Text from clients must not end the quotes or the line.
    private static readonly SearchValues<char> Special =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Concat(Enumerable.Range(0x7f, 0xa0 - 0x7f)).Select(c => (char)c), '"', '\\']);

    private const int RoundTripLength = 28;
    private const int UpToMilliseconds = 23;

    private Span<byte> _rest = room;

    public bool Fits { get; private set; } = true;

    public readonly int LeftOver => _rest.Length;

    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_rest)) Take(bytes.Length);
        else Fits = false;
    }

    public void Add(string text)
    {
        if (Encoding.UTF8.TryGetBytes(text, _rest, out int written)) Take(written);
        else Fits = false;
    }

    public void Add(long number)
    {
        if (Utf8Formatter.TryFormat(number, _rest, out int written)) Take(written);
        else Fits = false;
    }

    public void Add(IPAddress address)
    {
        if (address.TryFormat(_rest, out int written)) Take(written);
        else Fits = false;
    }

    /// <summary>Adds a UTC time in <see cref="LogSettings.TimeFormat"/>, without the cost of formatting by a pattern.</summary>
    public void AddTime(DateTime time)
    {
        if (_rest.Length >= RoundTripLength && Utf8Formatter.TryFormat(time, _rest, out _, 'O'))
        {
            Take(UpToMilliseconds);
            Add("Z"u8);
        }
        else Fits = false;
    }

    /// <summary>Adds text from a client, or a dash if it is empty. The escapes \xHH are those of Apache and nginx.</summary>
    public void AddEscaped(string? text)
    {
        if (string.IsNullOrEmpty(text)) Add("-"u8);
        else if (!text.AsSpan().ContainsAny(Special)) Add(text);
        else Add(Escape(text));
    }

    private void Take(int count) => _rest = _rest[count..];

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            if (Special.Contains(c)) escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
            else escaped.Append(c);
        }
        return escaped.ToString();
    }
}
