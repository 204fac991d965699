using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>One of the forms a file is sent in: as it is, or encoded (RFC 9110, section 3.2).</summary>
internal sealed class Representation
{
    private readonly Lazy<Task<byte[]>>? _encoding;

    private Representation(ContentCoding coding, FileStamp stamp, string path, byte[]? bytes, Lazy<Task<byte[]>>? encoding)
    {
        (Coding, Stamp, Path, Bytes, _encoding) = (coding, stamp, path, bytes, encoding);
        string name = coding == ContentCoding.Identity ? "" : AcceptedCodings.NameOf(coding);
        ContentEncoding = name == "" ? default : new StringValues(name);
        EntityTag = name == "" ? $"\"{stamp.Validator}\"" : $"\"{stamp.Validator}-{name}\"";
    }

    public ContentCoding Coding { get; }

    /// <summary>The stamp of the file it comes from.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Where that file is beneath the root.</summary>
    public string Path { get; }

    /// <summary>All of it, where it is kept in memory; null where it is read from the file for each request, or not encoded yet.</summary>
    public byte[]? Bytes { get; private set; }

    /// <summary>True where it is made by encoding the file at first use.</summary>
    public bool IsMade => _encoding is not null;

    public StringValues ContentEncoding { get; }

    /// <summary>A strong one, in its quotes.</summary>
    public StringValues EntityTag { get; }

    /// <summary>A file of the root.</summary>
    /// <param name="bytes">What it holds; null to read it for each request.</param>
    public static Representation OfFile(ContentCoding coding, string path, FileStamp stamp, byte[]? bytes) => new(coding, stamp, path, bytes, null);

    /// <summary>A file that is encoded once, when somebody first asks for it.</summary>
    public static Representation Made(ContentCoding coding, string path, FileStamp stamp, Func<Task<byte[]>> encode) => new(coding, stamp, path, null, new(encode));

    /// <summary>Encodes it, or waits until somebody else has.</summary>
    /// <exception cref="IOException">The file is no longer what it was.</exception>
    public async Task<byte[]> MakeAsync() => Bytes = await _encoding!.Value;
}
