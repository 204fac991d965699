using System.Globalization;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Http;

/// <summary>The validator of a representation (RFC 9110, section 8.8.3).</summary>
internal sealed class EntityTag
{
    // 96 bits of SHA-256.
    private const int HashBytes = 12;

    private EntityTag(string text, bool isWeak) => (Text, Header, IsWeak) = (text, text, isWeak);

    /// <summary>As the header has it, with its quotes.</summary>
    public string Text { get; }

    public StringValues Header { get; }

    public bool IsWeak { get; }

    /// <summary>A strong tag of the file's content, the same on every machine.</summary>
    public static EntityTag OfContent(ReadOnlySpan<byte> hash, ContentCoding coding) =>
        new($"\"{Convert.ToHexStringLower(hash[..HashBytes])}{Suffix(coding)}\"", isWeak: false);

    /// <summary>
    /// A weak tag for a file that is too large to be read for it. It has the time of the inode's change, which nobody can set back, and so
    /// differs between machines.
    /// </summary>
    public static EntityTag OfStamp(FileStamp stamp, ContentCoding coding) =>
        new(string.Create(CultureInfo.InvariantCulture, $"W/\"{stamp.ModifiedNs:x}-{stamp.ChangedNs:x}-{stamp.Length:x}{Suffix(coding)}\""), isWeak: true);

    /// <summary>The tag of another coding of the same content.</summary>
    public EntityTag Encoded(ContentCoding coding) => new(Text[..^1] + Suffix(coding) + "\"", IsWeak);

    private static string Suffix(ContentCoding coding) => coding == ContentCoding.Identity ? "" : "-" + AcceptedCodings.NameOf(coding);
}
