using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>An answer from the pipeline, with what it depended on. It is reused while that is unchanged.</summary>
internal sealed class PublishedAnswer : ReadyAnswer
{
    private readonly Func<long, bool> _stands;
    // The start of the last check that found it current.
    private long _currentAt;
    private bool _wasUsed;

    private PublishedAnswer(RequestKey key, Head open, Head closing, ReadOnlyMemory<byte> body, Func<long, bool> stands)
        : base(open, closing, body)
    {
        (Key, _stands) = (key, stands);
        Size = key.Bytes.Length + open.Bytes.Length + closing.Bytes.Length + body.Length;
    }

    public RequestKey Key { get; }

    public int Status { get; private init; }

    /// <summary>Its size in memory, in bytes.</summary>
    public long Size { get; }

    /// <summary>Creates an answer from the headers that were sent; returns null if they can't be reused.</summary>
    /// <param name="stands">Returns true while the pipeline would give the same answer to a request sent before this time.</param>
    public static PublishedAnswer? Of(HttpResponse response, RequestKey key, ReadOnlyMemory<byte> body, Func<long, bool> stands)
    {
        StringBuilder open = new(), closing = new();
        foreach (StringBuilder head in (StringBuilder[])[open, closing])
        {
            head.Append($"HTTP/1.1 {response.StatusCode} {ReasonPhrases.GetReasonPhrase(response.StatusCode)}\r\n");
            // Kestrel's order: first the length, then whether the connection closes.
            if (response.ContentLength is { } length) head.Append($"Content-Length: {length}\r\n");
            if (head == closing) head.Append("Connection: close\r\n");
            foreach ((string name, var values) in response.Headers)
            {
                if (name is "Content-Length" or "Connection") continue;
                foreach (string? value in values) head.Append($"{name}: {value}\r\n");
            }
            head.Append("\r\n");
        }
        return HeadOf(open.ToString()) is { } one && HeadOf(closing.ToString()) is { } other
            ? new PublishedAnswer(key, one, other, body, stands) { Status = response.StatusCode }
            : null;
    }

    /// <summary>Returns true if the pipeline would give the same answer to a request sent before this time; see <see cref="IReadyAnswers.Find"/>.</summary>
    public bool IsCurrent(long sentBefore)
    {
        if (Volatile.Read(ref _currentAt) > sentBefore) return true;
        long now = Stopwatch.GetTimestamp();
        if (!_stands(sentBefore)) return false;
        Volatile.Write(ref _currentAt, now);
        if (!_wasUsed) _wasUsed = true;
        return true;
    }

    /// <summary>Returns true if it was used since the last call.</summary>
    public bool TakeUse()
    {
        bool was = _wasUsed;
        _wasUsed = false;
        return was;
    }

    private static Head? HeadOf(string text)
    {
        int date = text.IndexOf("\r\nDate: ", StringComparison.Ordinal);
        return date < 0 || !Ascii.IsValid(text) ? null : new Head(Encoding.ASCII.GetBytes(text), date + "\r\nDate: ".Length);
    }
}
