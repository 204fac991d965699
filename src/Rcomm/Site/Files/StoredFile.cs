using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>A file with everything its answers need, computed once.</summary>
internal sealed class StoredFile
{
    private readonly byte[] _location;
    private readonly bool _isSettled;
    private long _currentAt;

    /// <param name="location">The full path.</param>
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

    /// <summary>The encoded forms; none if it is always sent as it is.</summary>
    public IReadOnlyList<Representation> Encoded { get; }

    public StringValues ContentType { get; }

    public StringValues LastModified { get; }

    /// <summary>In whole seconds, as in the header.</summary>
    public DateTimeOffset Modified { get; }

    /// <summary>The memory that its forms use now, in bytes.</summary>
    public long BytesHeld => (Identity.Bytes?.Length ?? 0) + Encoded.Sum(one => (long)(one.Bytes?.Length ?? 0));

    /// <summary>Returns true if the file is unchanged. Only on Linux; elsewhere each request opens the file.</summary>
    /// <param name="sentBefore">
    /// When the request had been sent, as <see cref="Stopwatch.GetTimestamp"/>: any later check of the file is recent enough.
    /// </param>
    public bool IsCurrent(long sentBefore)
    {
        if (Volatile.Read(ref _currentAt) > sentBefore) return true;
        long now = Stopwatch.GetTimestamp();
        if (!_isSettled || !OperatingSystem.IsLinux() || FileStatus.StampOf(_location) != Identity.Stamp) return false;
        Volatile.Write(ref _currentAt, now);
        return true;
    }

    /// <summary>Returns true if this was made from the file and siblings that were just found.</summary>
    public bool IsMadeFrom(FileStamp stamp, EncodedSiblings siblings) =>
        _isSettled && stamp == Identity.Stamp && siblings.Are(Encoded.Where(form => !form.IsMade));
}
