using System.Text;

namespace Rcomm.Shared.Http;

/// <summary>Responses that are sent without Kestrel, as the last bytes of their connection.</summary>
internal static class RawResponse
{
    /// <summary>
    /// How long a client may take to read the response after its request was not read to the end. Closing with unread data sends a reset, which can
    /// arrive before the response (RFC 9112, section 9.6).
    /// </summary>
    public static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Creates a response with a text, in ASCII.</summary>
    /// <param name="status">The code and its reason phrase.</param>
    /// <param name="text">The body.</param>
    /// <param name="headers">More headers, each with its CRLF.</param>
    public static byte[] Text(string status, string text, string headers = "") => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {text.Length}\r\n\r\n{text}");

    /// <summary>Creates the response for a client that may try again in a second; the body repeats the status.</summary>
    /// <param name="status">The code and its reason phrase.</param>
    public static byte[] TryAgain(string status) => Text(status, status + "\n", "Retry-After: 1\r\n");

    /// <summary>Creates a response without a body.</summary>
    /// <param name="status">The code and its reason phrase.</param>
    /// <param name="date">The current date in HTTP format.</param>
    public static byte[] Empty(ReadOnlySpan<byte> status, ReadOnlySpan<byte> date) =>
        [.. "HTTP/1.1 "u8, .. status, .. "\r\nContent-Length: 0\r\nConnection: close\r\nDate: "u8, .. date, .. "\r\n\r\n"u8];
}
