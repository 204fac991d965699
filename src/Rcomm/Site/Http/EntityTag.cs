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

    /// <summary>The tag as in the header, with its quotes.</summary>
    public string Text { get; }

    public StringValues Header { get; }

    public bool IsWeak { get; }

    /// <summary>Creates a strong tag from the file's content, the same on every machine.</summary>
    public static EntityTag OfContent(ReadOnlySpan<byte> hash, ContentCoding coding) =>
        new($"\"{Convert.ToHexStringLower(hash[..HashBytes])}{Suffix(coding)}\"", isWeak: false);

    /// <summary>
    /// Creates a weak tag for a file that is too large to hash. It includes the inode's change time, which users can't set, and so differs between
    /// machines.
    /// </summary>
    public static EntityTag OfStamp(FileStamp stamp, ContentCoding coding) =>
        new(string.Create(CultureInfo.InvariantCulture, $"W/\"{stamp.ModifiedNs:x}-{stamp.ChangedNs:x}-{stamp.Length:x}{Suffix(coding)}\""), isWeak: true);

    /// <summary>Returns the tag of the same content in another coding.</summary>
    public EntityTag Encoded(ContentCoding coding) => new(Text[..^1] + Suffix(coding) + "\"", IsWeak);

    private static string Suffix(ContentCoding coding) => coding == ContentCoding.Identity ? "" : "-" + AcceptedCodings.NameOf(coding);
}
