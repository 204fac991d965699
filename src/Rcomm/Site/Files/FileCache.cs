using Microsoft.Extensions.Caching.Memory;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>
/// What is kept in memory: files by their paths beneath the root, and for the paths of requests, in their normal form, which file they lead
/// to. Bounded in bytes; what was not asked for longest goes first.
/// </summary>
internal sealed class FileCache(long maxBytes) : IDisposable
{
    // What an entry takes beside the bytes of a file.
    private const int Overhead = 1 << 10;
    private const int NoteSize = 256;
    // Of the entries, the ones not used for longest first.
    private const double FirstShare = 1.0 / 16;
    private static readonly TimeSpan EncodeInterval = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = maxBytes, TrackLinkedCacheEntries = false });

    /// <summary>What a request's path led to, whether or not it still does.</summary>
    /// <param name="key">The normal form of the path, which begins with a slash.</param>
    public KeptRoute? FindRoute(string key) => _entries.TryGetValue(key, out KeptRoute? route) ? route : null;

    /// <summary>A file as it was kept, whether or not it is still that.</summary>
    /// <param name="path">Beneath the root; no slash at its beginning.</param>
    public StoredFile? FindFile(string path) => _entries.TryGetValue(path, out StoredFile? file) ? file : null;

    public void KeepRoute(string key, KeptRoute route) => _entries.Set(key, route, new MemoryCacheEntryOptions { Size = Overhead });

    public void ForgetRoute(string key) => _entries.Remove(key);

    /// <summary>Keeps a file, or counts one that is kept already by the bytes that it has now. Others go where there is no room.</summary>
    public void KeepFile(string path, StoredFile file)
    {
        long size = Overhead + file.BytesHeld;
        if (size > maxBytes) return;
        var options = new MemoryCacheEntryOptions { Size = size };
        _entries.Set(path, file, options);
        // The library refuses what doesn't fit, and then makes room for little.
        for (double share = FirstShare; FindFile(path) != file && share <= 1; share *= 2)
        {
            _entries.Compact(share);
            _entries.Set(path, file, options);
        }
    }

    /// <summary>Counts a file by the bytes that it has now, unless another has taken its place.</summary>
    public void Recount(string path, StoredFile file)
    {
        if (FindFile(path) is { } kept && kept != file) return;
        KeepFile(path, file);
    }

    /// <summary>
    /// From when on a file may be encoded, by <see cref="Environment.TickCount64"/>: files that push each other out of the cache aren't
    /// encoded again and again.
    /// </summary>
    public long MayEncodeFrom(string path, FileStamp stamp) => _entries.TryGetValue(new Encoding(path, stamp), out long from) ? from : 0;

    /// <summary>A file is encoded now.</summary>
    public void NoteEncoding(string path, FileStamp stamp) =>
        _entries.Set(new Encoding(path, stamp), Environment.TickCount64 + (long)EncodeInterval.TotalMilliseconds,
        new MemoryCacheEntryOptions { Size = NoteSize, AbsoluteExpirationRelativeToNow = EncodeInterval, Priority = CacheItemPriority.NeverRemove });

    public void Dispose() => _entries.Dispose();

    private readonly record struct Encoding(string Path, FileStamp Stamp);
}
