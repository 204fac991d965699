using System.Security.Cryptography;
using System.Text;

namespace Rcomm.Burst.Engine.WebSockets;

/// <summary>The response to an upgrade (RFC 6455, 4.1): its status, and whether it accepts the WebSocket.</summary>
internal readonly record struct UpgradeResponse(int Status, bool IsAccepted)
{
    // RFC 6455, 1.3.
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int SwitchingProtocols = 101;

    /// <param name="head">The response before the empty line.</param>
    /// <param name="key">The key that the client sent.</param>
    /// <returns>The response; its status is 0 if the head isn't valid HTTP/1.1.</returns>
    public static UpgradeResponse Read(ReadOnlySpan<byte> head, string key)
    {
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || lines[0].Length < 12
            || !ushort.TryParse(lines[0].AsSpan(9, 3), out ushort status)) return default;

        string? accept = lines.Skip(1).Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2 && parts[0].Equals("Sec-WebSocket-Accept", StringComparison.OrdinalIgnoreCase))
            .Select(parts => parts[1].Trim()).FirstOrDefault();
        return new(status, status == SwitchingProtocols && accept == AcceptFor(key));
    }

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

#pragma warning disable CA5350 // RFC 6455 requires SHA-1 here; it only proves that the server knows WebSockets.
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
}
