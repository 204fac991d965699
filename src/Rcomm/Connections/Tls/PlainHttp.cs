using System.IO.Pipelines;
using System.Text;

namespace Rcomm.Connections.Tls;

/// <summary>Answers plain HTTP on an HTTPS port in plain HTTP, as nginx and Apache do; a TLS alert would tell such a client nothing.</summary>
internal static class PlainHttp
{
    // Closing with unread data sends a reset, which discards the response that is still in flight (RFC 9112, section 9.6).
    private static readonly TimeSpan Lingering = TimeSpan.FromSeconds(1);
    private const string Sentence = "The request came as plain HTTP, and this port speaks HTTPS. Write https:// in the URL.\n";

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n" +
        $"Content-Length: {Sentence.Length}\r\n\r\n{Sentence}");

    /// <summary>Answers and returns true if the first byte is a letter, as in a method. A TLS handshake record starts with 22.</summary>
    public static ValueTask<bool> TryAnswerAsync(IDuplexPipe transport)
    {
        if (!transport.Input.TryRead(out ReadResult read)) return new(false);
        bool isHttp = !read.Buffer.IsEmpty && char.IsAsciiLetter((char)read.Buffer.FirstSpan[0]);
        transport.Input.AdvanceTo(isHttp ? read.Buffer.End : read.Buffer.Start);
        return isHttp ? AnswerAsync(transport) : new(false);
    }

    private static async ValueTask<bool> AnswerAsync(IDuplexPipe transport)
    {
        try
        {
            await transport.Output.WriteAsync(Answer);
            await transport.Output.CompleteAsync();
            using var limit = new CancellationTokenSource(Lingering);
            ReadResult read;
            do
            {
                read = await transport.Input.ReadAsync(limit.Token);
                transport.Input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone, or the time is over.
        }
        return true;
    }
}
