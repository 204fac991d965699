using Microsoft.Extensions.Caching.Memory;

namespace Rcomm.Site.Files;

/// <summary>The files that were asked for lately, by the path they were asked for; bounded in bytes, the ones not asked for longest go first.</summary>
internal sealed class FileCache(long mostBytes) : IDisposable
{
    // What an entry takes beside the bytes of its file.
    private const int Overhead = 2 << 10;

    private readonly MemoryCache _files = new(new MemoryCacheOptions { SizeLimit = mostBytes, TrackLinkedCacheEntries = false });

    /// <summary>What was kept under this path, whether or not it is current; null for nothing.</summary>
    public StoredFile? Find(string path) => _files.TryGetValue(path, out StoredFile? file) ? file : null;

    public void Keep(string path, StoredFile file)
    {
        // An encoded form is made later, and is smaller than the file.
        long made = file.Encoded.Any(one => one.IsMade) ? file.Identity.Stamp.Length : 0;
        long kept = (file.Identity.Bytes?.Length ?? 0) + file.Encoded.Sum(one => (long)(one.Bytes?.Length ?? 0));
        _files.Set(path, file, new MemoryCacheEntryOptions { Size = Overhead + made + kept });
    }

    public void Forget(string path) => _files.Remove(path);

    public void Dispose() => _files.Dispose();
}
