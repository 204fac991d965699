using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>Makes of an open file all that its answers need.</summary>
internal sealed class FileLoader(DocumentRoot root, SiteOptions options)
{
    /// <summary>A file up to here is kept in memory.</summary>
    public const int MaxKeptSize = 256 << 10;

    private const int MinEncodedSize = 512;
    private const int MaxEncodedSize = 8 << 20;
    // Of 11: above it each step takes twice the time for one or two percent.
    private const int BrotliQuality = 6;

    /// <summary>Takes over the handle of the entry.</summary>
    public StoredFile Load(Entry entry, string path)
    {
        using SafeFileHandle handle = entry.Handle!;
        byte[]? bytes = ReadSmall(handle, entry.Stamp.Length);
        string type = ContentTypes.Of(path);
        return new StoredFile(
            entry.Location, Representation.OfFile(ContentCoding.Identity, path, entry.Stamp, bytes),
            EncodedForms(path, entry.Stamp, type, bytes), type, options.CacheControl(path));
    }

    private List<Representation> EncodedForms(string path, FileStamp stamp, string type, byte[]? bytes)
    {
        List<Representation> forms = [];
        bool worthIt = options.Compression && ContentTypes.IsWorthEncoding(type) && stamp.Length is >= MinEncodedSize and <= MaxEncodedSize;
        foreach ((ContentCoding coding, _, string extension) in AcceptedCodings.Known)
        {
            if (Sibling(coding, path + extension, stamp) is { } sibling) forms.Add(sibling);
            else if (worthIt && coding != ContentCoding.Zstandard) forms.Add(Representation.Made(coding, path, stamp, () => Task.Run(() => Encode(coding, path, stamp, bytes))));
        }
        return forms;
    }

    // One that is older than its file was made from another version of it.
    private Representation? Sibling(ContentCoding coding, string path, FileStamp original)
    {
        Entry entry = root.Open(path);
        using SafeFileHandle? handle = entry.Handle;
        if (handle is null || entry.Stamp.ModifiedNs < original.ModifiedNs) return null;
        return Representation.OfFile(coding, path, entry.Stamp, ReadSmall(handle, entry.Stamp.Length));
    }

    private byte[] Encode(ContentCoding coding, string path, FileStamp stamp, byte[]? bytes)
    {
        bytes ??= ReadAgain(path, stamp);
        var encoded = new MemoryStream(bytes.Length / 2);
        using (Stream encoder = coding == ContentCoding.Brotli
            ? new BrotliStream(encoded, new BrotliCompressionOptions { Quality = BrotliQuality }, leaveOpen: true)
            : new GZipStream(encoded, CompressionLevel.Optimal, leaveOpen: true))
            encoder.Write(bytes);
        return encoded.ToArray();
    }

    private byte[] ReadAgain(string path, FileStamp stamp)
    {
        Entry entry = root.Open(path);
        using SafeFileHandle? handle = entry.Handle;
        return handle is not null && entry.Stamp == stamp && ReadWhole(handle, stamp.Length) is { } bytes
            ? bytes
            : throw new IOException($"{path} changed while it was read.");
    }

    private static byte[]? ReadSmall(SafeFileHandle handle, long length) => length <= MaxKeptSize ? ReadWhole(handle, length) : null;

    // Null where the file is being cut short: then it is read anew for the answer.
    private static byte[]? ReadWhole(SafeFileHandle handle, long length)
    {
        byte[] bytes = new byte[length];
        int filled = 0, read;
        while (filled < length && (read = RandomAccess.Read(handle, bytes.AsSpan(filled), filled)) > 0) filled += read;
        return filled == length ? bytes : null;
    }
}
