using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>A file with all that its answers say, worked out once.</summary>
internal sealed class StoredFile
{
    private readonly byte[] _location;
    private readonly bool _isSettled;
    private long _currentAt;

    /// <param name="location">Its full path.</param>
    public StoredFile(string location, Representation identity, IReadOnlyList<Representation> encoded, string contentType)
    {
        _location = FileName.EncodeForCall(location);
        (Identity, Encoded) = (identity, encoded);
        _isSettled = identity.IsSettled && encoded.All(form => form.IsSettled);
        ContentType = contentType;
        DateTimeOffset modified = identity.Stamp.Modified;
        Modified = modified.AddTicks(-(modified.Ticks % TimeSpan.TicksPerSecond));
        LastModified = Modified.ToString("R");
    }

    public Representation Identity { get; }

    /// <summary>Its encoded forms; none where it is always sent as it is.</summary>
    public IReadOnlyList<Representation> Encoded { get; }

    public StringValues ContentType { get; }

    public StringValues LastModified { get; }

    /// <summary>In whole seconds, as the header has it.</summary>
    public DateTimeOffset Modified { get; }

    /// <summary>Bytes of memory that its forms take now.</summary>
    public long BytesHeld => (Identity.Bytes?.Length ?? 0) + Encoded.Sum(one => (long)(one.Bytes?.Length ?? 0));

    /// <summary>True while the file itself is what it was. Told on Linux alone; elsewhere each request opens it.</summary>
    /// <param name="sentBefore">When the request had come, by <see cref="Stopwatch.GetTimestamp"/>: a look at the file later than that counts for it.</param>
    public bool IsCurrent(long sentBefore)
    {
        if (Volatile.Read(ref _currentAt) > sentBefore) return true;
        long now = Stopwatch.GetTimestamp();
        if (!_isSettled || !OperatingSystem.IsLinux() || FileStatus.StampOf(_location) != Identity.Stamp) return false;
        Volatile.Write(ref _currentAt, now);
        return true;
    }

    /// <summary>True where a file and its siblings, as they were just found, are what this was read from.</summary>
    public bool IsMadeFrom(FileStamp stamp, EncodedSiblings siblings) =>
        _isSettled && stamp == Identity.Stamp && siblings.Are(Encoded.Where(form => !form.IsMade));
}
