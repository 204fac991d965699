using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>The file that a form comes from, at one moment.</summary>
/// <param name="Path">Where it is beneath the root.</param>
/// <param name="Stamp">Its stamp.</param>
/// <param name="IsSettled">True where it cannot have changed unseen: by a later change its stamp would be another.</param>
internal readonly record struct SourceFile(string Path, FileStamp Stamp, bool IsSettled);

/// <summary>One of the forms a file is sent in: as it is, or encoded (RFC 9110, section 3.2).</summary>
internal sealed class Representation
{
    // An encoded form that saves less is not worth its memory.
    private const double WorthKeeping = 0.95;

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

    /// <summary>The stamp of the file it comes from.</summary>
    public FileStamp Stamp => _file.Stamp;

    /// <summary>Where that file is beneath the root.</summary>
    public string Path => _file.Path;

    /// <summary>All of it, where it is kept in memory; null where it is read from the file for each request, or not encoded yet.</summary>
    public byte[]? Bytes { get; private set; }

    /// <summary>See <see cref="SourceFile"/>.</summary>
    public bool IsSettled => _file.IsSettled;

    /// <summary>True where it isn't a file of its own, but made by encoding one when somebody first asks.</summary>
    public bool IsMade => _source is not null;

    /// <summary>True where it can be sent: a form that is made may turn out as large as the file, or may have to wait.</summary>
    public bool IsOffered => !IsMade || Bytes is not null || (!_isUseless && Environment.TickCount64 >= _encodeFrom);

    public StringValues ContentEncoding { get; private init; }

    public EntityTag EntityTag { get; }

    /// <summary>A file of the root.</summary>
    /// <param name="bytes">What it holds; null to read it for each request.</param>
    public static Representation OfFile(ContentCoding coding, SourceFile file, byte[]? bytes, EntityTag tag) =>
        new(coding, file, tag)
        {
            Bytes = bytes,
            ContentEncoding = coding != ContentCoding.Identity ? AcceptedCodings.NameOf(coding) : ContentTypes.CodingOf(file.Path) is { } own ? own
                : default(StringValues),
        };

    /// <summary>The encoded form of a file, which is made when somebody first asks for it.</summary>
    /// <param name="encodeFrom">Not before then, by <see cref="Environment.TickCount64"/>.</param>
    /// <param name="before">The form as it was kept, which stays where it was made of the same content.</param>
    public static Representation MadeOf(Representation identity, ContentCoding coding, long encodeFrom, Representation? before = null)
    {
        var form = new Representation(identity, coding, encodeFrom);
        if (before is { IsMade: true } && before.EntityTag.Text == form.EntityTag.Text) (form.Bytes, form._isUseless) = (before.Bytes, before._isUseless);
        return form;
    }

    /// <summary>Encodes it, or waits until somebody else has. A failure is not kept.</summary>
    /// <exception cref="IOException">The file is no longer what it was.</exception>
    public async Task EncodeAsync(Func<Representation, ContentCoding, byte[]> encode)
    {
        if (!IsMade || Bytes is not null || _isUseless) return;
        var mine = new Lazy<Task<byte[]>>(() => Task.Run(() => encode(_source!, Coding)));
        Lazy<Task<byte[]>> encoding = Interlocked.CompareExchange(ref _encoding, mine, null) ?? mine;
        try
        {
            byte[] bytes = await encoding.Value;
            if (bytes.Length < Stamp.Length * WorthKeeping) Bytes = bytes;
            else _isUseless = true;
        }
        finally
        {
            Interlocked.CompareExchange(ref _encoding, null, encoding);
        }
    }
}
