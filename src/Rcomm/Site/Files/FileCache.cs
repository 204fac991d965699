using Microsoft.Extensions.Caching.Memory;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>
/// The in-memory cache: files by their paths beneath the root, and the file that each request path (in normal form) leads to. Limited in bytes; the least
/// recently used entries are removed first.
/// </summary>
internal sealed class FileCache(long maxBytes) : IDisposable
{
    // The size of an entry besides a file's bytes.
    private const int Overhead = 1 << 10;
    private const int NoteSize = 256;
    // The share of the entries that is removed first, least recently used first.
    private const double FirstShare = 1.0 / 16;
    private static readonly TimeSpan EncodeInterval = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = maxBytes, TrackLinkedCacheEntries = false });

    /// <summary>Returns the cached route of a request's path, which may be out of date.</summary>
    /// <param name="key">The normal form of the path; starts with a slash.</param>
    public KeptRoute? FindRoute(string key) => _entries.TryGetValue(key, out KeptRoute? route) ? route : null;

    /// <summary>Returns a cached file, which may be out of date.</summary>
    /// <param name="path">The path beneath the root, without a leading slash.</param>
    public StoredFile? FindFile(string path) => _entries.TryGetValue(path, out StoredFile? file) ? file : null;

    public void KeepRoute(string key, KeptRoute route) => _entries.Set(key, route, new MemoryCacheEntryOptions { Size = Overhead });

    public void ForgetRoute(string key) => _entries.Remove(key);

    /// <summary>Caches a file, or updates the size of a cached one. Evicts others if there is no room.</summary>
    public void KeepFile(string path, StoredFile file)
    {
        long size = Overhead + file.BytesHeld;
        if (size > maxBytes) return;
        var options = new MemoryCacheEntryOptions { Size = size };
        _entries.Set(path, file, options);
        // The library refuses an entry that doesn't fit, and then frees only little.
        for (double share = FirstShare; FindFile(path) != file && share <= 1; share *= 2)
        {
            _entries.Compact(share);
            _entries.Set(path, file, options);
        }
    }

    /// <summary>Updates the size of a file, unless another has replaced it.</summary>
    public void Recount(string path, StoredFile file)
    {
        if (FindFile(path) is { } kept && kept != file) return;
        KeepFile(path, file);
    }

    /// <summary>
    /// Returns when a file may be encoded, as <see cref="Environment.TickCount64"/>. This keeps files that evict each other from being encoded again and
    /// again.
    /// </summary>
    public long MayEncodeFrom(string path, FileStamp stamp) => _entries.TryGetValue(new Encoding(path, stamp), out long from) ? from : 0;

    /// <summary>Records that a file is being encoded.</summary>
    public void NoteEncoding(string path, FileStamp stamp) =>
        _entries.Set(new Encoding(path, stamp), Environment.TickCount64 + (long)EncodeInterval.TotalMilliseconds,
        new MemoryCacheEntryOptions { Size = NoteSize, AbsoluteExpirationRelativeToNow = EncodeInterval, Priority = CacheItemPriority.NeverRemove });

    public void Dispose() => _entries.Dispose();

    private readonly record struct Encoding(string Path, FileStamp Stamp);
}
