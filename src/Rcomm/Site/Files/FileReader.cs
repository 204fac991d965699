using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>Prepares everything that the answers with an open file need.</summary>
internal sealed class FileReader(DocumentRoot root, SiteOptions options)
{
    /// <summary>The maximum size of files cached in memory, in bytes.</summary>
    public const int MaxKeptSize = 256 << 10;

    private const int MinEncodedSize = 512;
    private const int MaxEncodedSize = 8 << 20;
    // Files up to this size are hashed for their tag; larger ones have a weak tag from their stamp.
    private const int MaxHashedSize = MaxEncodedSize;
    private const int ChunkSize = 64 << 10;
    // Of 0 to 11: above it each step takes twice the time for one or two percent.
    private const int BrotliQuality = 6;

    // A file too large to be cached in both codings would be encoded again and again.
    private readonly long _maxEncodedSize = options.Compression ? Math.Min(MaxEncodedSize, (options.CacheSize - MaxKeptSize) / 2) : 0;

    /// <summary>Reads a file and its encoded siblings. The caller keeps the handles.</summary>
    /// <param name="before">The cached file; its encoded forms are kept if the content is the same.</param>
    /// <param name="encodeFrom">When it may be encoded, as <see cref="Environment.TickCount64"/>.</param>
    /// <exception cref="IOException">One of them can't be read.</exception>
    public StoredFile Read(string path, Entry entry, EncodedSiblings siblings, StoredFile? before, long encodeFrom)
    {
        string type = ContentTypes.Of(path);
        Representation identity = Read(ContentCoding.Identity, path, entry);
        bool isWorthIt = !identity.EntityTag.IsWeak && ContentTypes.CodingOf(path) is null && ContentTypes.IsWorthEncoding(type)
            && entry.Stamp.Length >= MinEncodedSize && entry.Stamp.Length <= _maxEncodedSize;
        List<Representation> encoded = [];
        foreach ((ContentCoding coding, _, _) in AcceptedCodings.Known)
        {
            if (siblings.Find(coding) is { } sibling) encoded.Add(Read(coding, sibling.Path, sibling.Entry));
            else if (isWorthIt && coding != ContentCoding.Zstandard)
                encoded.Add(Representation.MadeOf(identity, coding, encodeFrom, before?.Encoded.FirstOrDefault(form => form.Coding == coding)));
        }
        return new StoredFile(entry.Location, identity, encoded, type);
    }

    /// <summary>Encodes a file that was read.</summary>
    /// <exception cref="IOException">The file can't be read, or has changed.</exception>
    public byte[] Encode(Representation identity, ContentCoding coding)
    {
        byte[] bytes = identity.Bytes ?? ReadAgain(identity);
        var encoded = new MemoryStream(bytes.Length / 2);
        using (Stream encoder = Encoder(coding, encoded)) encoder.Write(bytes);
        return encoded.ToArray();
    }

    private static Stream Encoder(ContentCoding coding, Stream encoded) =>
        coding == ContentCoding.Brotli ? new BrotliStream(encoded, new BrotliCompressionOptions { Quality = BrotliQuality }, leaveOpen: true)
        : coding == ContentCoding.Gzip ? new GZipStream(encoded, CompressionLevel.Optimal, leaveOpen: true)
        : throw new ArgumentOutOfRangeException(nameof(coding), coding, "There is no encoder for this coding.");

    private byte[] ReadAgain(Representation identity)
    {
        Entry entry = root.Open(identity.Path);
        using SafeFileHandle? handle = entry.Handle;
        byte[] bytes = new byte[identity.Stamp.Length];
        return handle is not null && entry.Stamp == identity.Stamp && Fill(handle, bytes, 0) == bytes.Length
            ? bytes
            : throw new IOException($"{identity.Path} changed while it was read.");
    }

    private static Representation Read(ContentCoding coding, string path, Entry entry)
    {
        FileStamp stamp = entry.Stamp;
        DateTime begun = DateTime.UtcNow;
        byte[]? bytes = null, hash = null;
        if (stamp.Length <= MaxKeptSize)
        {
            byte[] whole = new byte[stamp.Length];
            if (Fill(entry.Handle!, whole, 0) == stamp.Length) (bytes, hash) = (whole, SHA256.HashData(whole));
        }
        else if (stamp.Length <= MaxHashedSize) hash = HashOf(entry.Handle!, stamp.Length);

        // A file that changed while it was read may be a mix of two versions.
        bool isWhole = hash is null ? stamp.Length > MaxHashedSize : DocumentRoot.StampOf(entry.Handle!) == stamp;
        EntityTag tag = isWhole && hash is not null ? EntityTag.OfContent(hash, coding) : EntityTag.OfStamp(stamp, coding);
        return Representation.OfFile(coding, new(path, stamp, IsSettled: isWhole && stamp.IsOlderThan(begun)), isWhole ? bytes : null, tag);
    }

    // Null if the file was truncated.
    private static byte[]? HashOf(SafeFileHandle handle, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            int read;
            for (long at = 0; at < length; at += read)
            {
                read = Fill(handle, chunk.AsSpan(0, (int)Math.Min(ChunkSize, length - at)), at);
                if (read == 0) return null;
                hash.AppendData(chunk, 0, read);
            }
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static int Fill(SafeFileHandle handle, Span<byte> bytes, long offset)
    {
        int filled = 0, read;
        while (filled < bytes.Length && (read = RandomAccess.Read(handle, bytes[filled..], offset + filled)) > 0) filled += read;
        return filled;
    }
}
