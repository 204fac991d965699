using System.IO.Pipelines;
using Rcomm.Shared.Http;

namespace Rcomm.Connections.Tls;

/// <summary>Answers plain HTTP on an HTTPS port in plain HTTP, as nginx and Apache do; a TLS alert would tell such a client nothing.</summary>
internal static class PlainHttp
{
    private static readonly byte[] Answer = RawResponse.Text(
        "400 Bad Request", "A plain HTTP request was sent to an HTTPS port. Use https:// in the URL.\n");

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
            using var limit = new CancellationTokenSource(RawResponse.LingerTimeout);
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
