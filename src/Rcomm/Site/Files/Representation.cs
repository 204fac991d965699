using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>The file that a form comes from, at one moment.</summary>
/// <param name="Path">The path beneath the root.</param>
/// <param name="Stamp">The stamp.</param>
/// <param name="IsSettled">Whether any later change would give it another stamp.</param>
internal readonly record struct SourceFile(string Path, FileStamp Stamp, bool IsSettled);

/// <summary>One of the forms in which a file is sent: as it is, or encoded (RFC 9110, section 3.2).</summary>
internal sealed class Representation
{
    // An encoded form that saves less isn't worth its memory.
    private const double MaxEncodedShare = 0.95;

    private readonly SourceFile _file;
    private readonly Representation? _source;
    private readonly long _encodeFrom;
    private Lazy<Task<byte[]>>? _encoding;
    private volatile bool _isUseless;

    private Representation(ContentCoding coding, SourceFile file, EntityTag tag)
    {
        (Coding, _file, EntityTag) = (coding, file, tag);
        ContentEncoding = coding == ContentCoding.Identity ? default : new StringValues(AcceptedCodings.NameOf(coding));
    }

    private Representation(Representation source, ContentCoding coding, long encodeFrom)
        : this(coding, source._file, source.EntityTag.Encoded(coding)) => (_source, _encodeFrom) = (source, encodeFrom);

    public ContentCoding Coding { get; }

    /// <summary>The stamp of the source file.</summary>
    public FileStamp Stamp => _file.Stamp;

    /// <summary>The path of the source file beneath the root.</summary>
    public string Path => _file.Path;

    /// <summary>The content if it is kept in memory; null if it is read for each request, or not encoded yet.</summary>
    public byte[]? Bytes { get; private set; }

    /// <summary>See <see cref="SourceFile"/>.</summary>
    public bool IsSettled => _file.IsSettled;

    /// <summary>Whether the form is made by encoding a file on demand, rather than being a file.</summary>
    public bool IsMade => _source is not null;

    /// <summary>Whether the form can be sent: an encoded one may turn out no smaller, or may have to wait.</summary>
    public bool IsOffered => !IsMade || Bytes is not null || (!_isUseless && Environment.TickCount64 >= _encodeFrom);

    public StringValues ContentEncoding { get; private init; }

    public EntityTag EntityTag { get; }

    /// <summary>Creates the form of a file in the root.</summary>
    /// <param name="bytes">The content; null to read it for each request.</param>
    public static Representation OfFile(ContentCoding coding, SourceFile file, byte[]? bytes, EntityTag tag) =>
        new(coding, file, tag)
        {
            Bytes = bytes,
            ContentEncoding = coding != ContentCoding.Identity ? AcceptedCodings.NameOf(coding) : ContentTypes.CodingOf(file.Path) is { } own ? own
                : default(StringValues),
        };

    /// <summary>Creates the encoded form of a file, which is made on first use.</summary>
    /// <param name="encodeFrom">When it may be made, as <see cref="Environment.TickCount64"/>.</param>
    /// <param name="before">The cached form, which is reused if it was made from the same content.</param>
    public static Representation MadeOf(Representation identity, ContentCoding coding, long encodeFrom, Representation? before = null)
    {
        var form = new Representation(identity, coding, encodeFrom);
        if (before is { IsMade: true } && before.EntityTag.Text == form.EntityTag.Text) (form.Bytes, form._isUseless) = (before.Bytes, before._isUseless);
        return form;
    }

    /// <summary>Encodes the form, or waits if another request is doing so. A failure is not cached.</summary>
    /// <exception cref="IOException">The file has changed.</exception>
    public async Task EncodeAsync(Func<Representation, ContentCoding, byte[]> encode)
    {
        if (!IsMade || Bytes is not null || _isUseless) return;
        var mine = new Lazy<Task<byte[]>>(() => Task.Run(() => encode(_source!, Coding)));
        Lazy<Task<byte[]>> encoding = Interlocked.CompareExchange(ref _encoding, mine, null) ?? mine;
        try
        {
            byte[] bytes = await encoding.Value;
            if (bytes.Length < Stamp.Length * MaxEncodedShare) Bytes = bytes;
            else _isUseless = true;
        }
        finally
        {
            Interlocked.CompareExchange(ref _encoding, null, encoding);
        }
    }
}
