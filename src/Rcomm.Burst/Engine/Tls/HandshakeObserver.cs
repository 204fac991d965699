using System.Buffers.Binary;

namespace Rcomm.Burst.Engine.Tls;

/// <summary>
/// Reads from the first bytes of a handshake what <see cref="System.Net.Security.SslStream"/> doesn't report: whether the server uses TLS at all, and
/// whether it resumed the session. A resumed TLS 1.3 session has <c>pre_shared_key</c> in its ServerHello (RFC 8446, 4.2.11); TLS 1.2 repeats the
/// client's session ID (RFC 5246, 7.4.1.3).
/// </summary>
internal sealed class HandshakeObserver(Action onHello)
{
    private const int MaxKept = 4096;
    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;

    // The version (2 bytes) and the random (32 bytes) precede the session ID in both hellos.
    private const int SessionIdAt = HandshakeHeader + 34;
    private const byte AlertRecord = 21;
    private const byte HandshakeRecord = 22;
    private const byte ChangeCipherSpecRecord = 20;
    private const byte ServerHello = 2;
    private const ushort PreSharedKey = 41;
    private const ushort SupportedVersions = 43;

    // The random of a HelloRetryRequest, which is formally a ServerHello: SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
    private static readonly byte[] RetryRandom = Convert.FromHexString("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C");

    private byte[] _sessionId = [];
    private byte[]? _received = [];

    /// <summary>Whether the server's first bytes aren't a TLS record: it uses another protocol on this port.</summary>
    public bool IsNotTls { get; private set; }

    /// <summary>Whether the server resumed the session that the client offered.</summary>
    public bool IsResumed { get; private set; }

    public void Sent(ReadOnlySpan<byte> bytes)
    {
        if (_sessionId.Length > 0 || bytes.Length <= RecordHeader + SessionIdAt || bytes[0] != HandshakeRecord) return;
        ReadOnlySpan<byte> rest = bytes[(RecordHeader + SessionIdAt)..];
        if (rest[0] < rest.Length) _sessionId = rest.Slice(1, rest[0]).ToArray();
    }

    public void Received(ReadOnlySpan<byte> bytes)
    {
        if (_received is null || bytes.IsEmpty) return;
        if (_received.Length == 0) onHello();
        _received = [.. _received, .. bytes];
        if (_received[0] is < ChangeCipherSpecRecord or > HandshakeRecord + 1) IsNotTls = true;
        if (IsNotTls || ReadRecords(_received) || _received.Length > MaxKept) _received = null;
    }

    // Returns true when nothing more is needed.
    private bool ReadRecords(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= RecordHeader)
        {
            byte type = bytes[0];
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (type == AlertRecord) return true;
            if (bytes.Length < RecordHeader + length) return false;

            ReadOnlySpan<byte> record = bytes.Slice(RecordHeader, length);
            bytes = bytes[(RecordHeader + length)..];
            if (type != HandshakeRecord) continue;
            if (record.Length <= SessionIdAt || record[0] != ServerHello) return true;
            if (record.Slice(HandshakeHeader + 2, RetryRandom.Length).SequenceEqual(RetryRandom)) continue;
            IsResumed = ReadServerHello(record);
            return true;
        }
        return false;
    }

    private bool ReadServerHello(ReadOnlySpan<byte> record)
    {
        int idLength = record[SessionIdAt];
        // After the session ID: the cipher suite (2), the compression method (1), the length of the extensions (2).
        int extensionsAt = SessionIdAt + 1 + idLength + 5;
        if (extensionsAt > record.Length) return false;
        bool sameId = idLength > 0 && record.Slice(SessionIdAt + 1, idLength).SequenceEqual(_sessionId);
        bool isTls13 = false, hasKey = false;
        for (ReadOnlySpan<byte> rest = record[extensionsAt..]; rest.Length >= 4;)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            isTls13 |= type == SupportedVersions;
            hasKey |= type == PreSharedKey;
            int next = 4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (next > rest.Length) break;
            rest = rest[next..];
        }
        return isTls13 ? hasKey : sameId;
    }
}
