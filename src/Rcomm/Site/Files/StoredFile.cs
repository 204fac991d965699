using System.Text;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>A file with all that its answers say, worked out once.</summary>
internal sealed class StoredFile
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    private readonly byte[] _location;
    private long _lookedUp = Environment.TickCount64;

    /// <param name="location">Its full path.</param>
    public StoredFile(string location, Representation identity, IReadOnlyList<Representation> encoded, string contentType, string? cacheControl)
    {
        _location = Encoding.UTF8.GetBytes(location + '\0');
        (Identity, Encoded) = (identity, encoded);
        ContentType = contentType;
        CacheControl = cacheControl;
        DateTimeOffset modified = identity.Stamp.Modified;
        Modified = modified.AddTicks(-(modified.Ticks % TimeSpan.TicksPerSecond));
        LastModified = Modified.ToString("R");
    }

    public Representation Identity { get; }

    /// <summary>Its encoded forms; none where it is always sent as it is.</summary>
    public IReadOnlyList<Representation> Encoded { get; }

    public StringValues ContentType { get; }

    public StringValues CacheControl { get; }

    public StringValues LastModified { get; }

    /// <summary>In whole seconds, as the header has it.</summary>
    public DateTimeOffset Modified { get; }

    /// <summary>
    /// True while it may be sent without looking it up by its route again: the file itself is what it was, and it is not long ago that nothing stood in its
    /// place (a new page.html where index.html was served, a new sibling that is encoded).
    /// </summary>
    public bool IsCurrent() =>
        Environment.TickCount64 - Volatile.Read(ref _lookedUp) < LookAgainAfter.TotalMilliseconds
        && OperatingSystem.IsLinux() && FileStatus.StampOf(_location) == Identity.Stamp;

    /// <summary>True where the same files were found when it was looked up again: what is kept of it stays.</summary>
    public bool StaysFor(StoredFile found)
    {
        if (found.Identity.Path != Identity.Path || found.Identity.Stamp != Identity.Stamp) return false;
        if (!found.Encoded.Select(one => (one.Path, one.Stamp)).SequenceEqual(Encoded.Select(one => (one.Path, one.Stamp)))) return false;
        Volatile.Write(ref _lookedUp, Environment.TickCount64);
        return true;
    }
}
