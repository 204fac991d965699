using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Rcomm.Requests;

namespace Rcomm.Connections;

/// <summary>
/// Reads the header that a proxy sends before a connection's own bytes, so that the client's address is known instead of the proxy's: HAProxy's PROXY
/// protocol, version 1 (text) and 2 (binary), as specified in proxy-protocol.txt. A connection without a header is closed.
/// </summary>
internal static class ProxyProtocol
{
    private const int MaxLineLength = 107;
    private const int BinaryHeader = 16;
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>The result of reading a header.</summary>
    public enum Reading
    {
        NotWhole,
        Whole,
        Wrong,
    }

    public static async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan timeout, RefusedClients refused)
    {
        using var limit = new CancellationTokenSource(timeout);
        Reading reading = Reading.NotWhole;
        try
        {
            while (reading == Reading.NotWhole)
            {
                ReadResult read = await connection.Transport.Input.ReadAsync(limit.Token);
                // A port check sends nothing.
                if (read.IsCompleted && read.Buffer.IsEmpty) return;
                reading = Read(read.Buffer, out SequencePosition end, out IPEndPoint? client);
                if (reading == Reading.NotWhole && read.IsCompleted) reading = Reading.Wrong;
                if (reading == Reading.Whole) connection.Transport.Input.AdvanceTo(end);
                else connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (client is not null) connection.RemoteEndPoint = client;
            }
        }
        catch (ConnectionResetException)
        {
            // The client has disconnected.
            return;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            reading = Reading.Wrong;
        }
        if (reading == Reading.Whole)
        {
            await next(connection);
            return;
        }
        refused.Add(RefusedClients.ProxyHeader);
        connection.Abort();
    }

    /// <summary>Parses a header.</summary>
    /// <param name="end">The start of the connection's own bytes.</param>
    /// <param name="client">The client's address; null if the proxy connects for itself or doesn't know it.</param>
    public static Reading Read(ReadOnlySequence<byte> bytes, out SequencePosition end, out IPEndPoint? client)
    {
        (end, client) = (bytes.Start, null);
        Span<byte> start = stackalloc byte[(int)Math.Min(bytes.Length, Signature.Length)];
        bytes.Slice(0, start.Length).CopyTo(start);
        if (start.SequenceEqual(Signature.AsSpan(0, start.Length)))
            return bytes.Length < BinaryHeader ? Reading.NotWhole : ReadBinary(bytes, out end, out client);
        ReadOnlySpan<byte> word = "PROXY "u8;
        int known = Math.Min(word.Length, start.Length);
        return start[..known].SequenceEqual(word[..known]) ? ReadLine(bytes, out end, out client) : Reading.Wrong;
    }

    private static Reading ReadLine(ReadOnlySequence<byte> bytes, out SequencePosition end, out IPEndPoint? client)
    {
        (end, client) = (bytes.Start, null);
        byte[] head = bytes.Slice(0, Math.Min(bytes.Length, MaxLineLength)).ToArray();
        int length = head.AsSpan().IndexOf("\r\n"u8);
        if (length < 0) return head.Length < MaxLineLength ? Reading.NotWhole : Reading.Wrong;

        end = bytes.GetPosition(length + 2);
        string[] words = Encoding.ASCII.GetString(head, 0, length).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..]) return Reading.Whole;
        if (words is not ["PROXY", "TCP4" or "TCP6", var source, _, var port, _]) return Reading.Wrong;
        if (!IPAddress.TryParse(source, out IPAddress? address)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)) return Reading.Wrong;
        client = new IPEndPoint(address, number);
        return Reading.Whole;
    }

    private static Reading ReadBinary(ReadOnlySequence<byte> bytes, out SequencePosition end, out IPEndPoint? client)
    {
        (end, client) = (bytes.Start, null);
        Span<byte> head = stackalloc byte[BinaryHeader];
        bytes.Slice(0, BinaryHeader).CopyTo(head);
        int length = BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (head[12] is not (0x20 or 0x21)) return Reading.Wrong;
        if (bytes.Length < BinaryHeader + length) return Reading.NotWhole;

        end = bytes.GetPosition(BinaryHeader + length);
        // LOCAL: a health check by the proxy itself.
        if (head[12] == 0x20) return Reading.Whole;
        byte[] addresses = bytes.Slice(BinaryHeader, length).ToArray();
        client = (head[13] >> 4) switch
        {
            1 when length >= 12 => new IPEndPoint(new IPAddress(addresses.AsSpan(0, 4)), BinaryPrimitives.ReadUInt16BigEndian(addresses.AsSpan(8))),
            2 when length >= 36 => new IPEndPoint(new IPAddress(addresses.AsSpan(0, 16)), BinaryPrimitives.ReadUInt16BigEndian(addresses.AsSpan(32))),
            _ => null,
        };
        return client is null && (head[13] >> 4) is 1 or 2 ? Reading.Wrong : Reading.Whole;
    }
}
