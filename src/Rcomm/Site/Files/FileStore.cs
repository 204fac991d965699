using System.Collections.Concurrent;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>A file, the key of the path that led to it, and the Cache-Control for that URL.</summary>
internal readonly record struct FoundFile(string Key, StoredFile File, StringValues CacheControl);

/// <summary>The files of a site: cached ones while they are unchanged, others read once for all concurrent requests.</summary>
internal sealed class FileStore(DocumentRoot root, FileReader reader, FileCache cache)
{
    private readonly ConcurrentDictionary<(string, FileStamp), Lazy<Task<StoredFile>>> _reads = new();

    /// <summary>Finds the cached file that a request's path leads to. Returns false if there is none, or it must be looked up again.</summary>
    /// <param name="sentBefore">See <see cref="StoredFile.IsCurrent"/>.</param>
    public bool TryFind(string key, long sentBefore, out FoundFile found)
    {
        found = default;
        if (cache.FindRoute(key) is not { } route || !route.IsCurrent() || cache.FindFile(route.Path) is not { } file || !file.IsCurrent(sentBefore))
            return false;
        found = new(key, file, route.CacheControl);
        return true;
    }

    /// <summary>
    /// Returns true while <see cref="TryFind"/> would find this file, for callers that can't look it up again. When a lookup is due, returns false once,
    /// so that this request is handed to code that can.
    /// </summary>
    public bool IsKept(in FoundFile found, long sentBefore) =>
        cache.FindRoute(found.Key) is { } route && route.IsFollowed() && cache.FindFile(route.Path) == found.File
            && route.CacheControl == found.CacheControl && found.File.IsCurrent(sentBefore);

    /// <summary>Loads the file that a request's path has just led to. A cached one is read again only if it or an encoded sibling has changed.</summary>
    /// <param name="entry">The open file; the caller keeps its handle.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public async Task<FoundFile> LoadAsync(string key, string path, Entry entry, StringValues cacheControl)
    {
        using EncodedSiblings siblings = EncodedSiblings.Find(root, path, entry.Stamp);
        StoredFile file = cache.FindFile(path) is { } kept && kept.IsMadeFrom(entry.Stamp, siblings) ? kept : await ReadAsync(path, entry, siblings);
        if (cache.FindRoute(key)?.LeadsTo(path, cacheControl) != true) cache.KeepRoute(key, new KeptRoute(path, cacheControl));
        return new(key, file, cacheControl);
    }

    /// <summary>Removes the route of a path that no longer leads to a file.</summary>
    public void Forget(string key) => cache.ForgetRoute(key);

    /// <summary>Encodes a form of a file, or waits if another request is doing so.</summary>
    /// <exception cref="IOException">The file can't be read, or has changed.</exception>
    public async Task EncodeAsync(StoredFile file, Representation form)
    {
        await form.EncodeAsync((identity, coding) =>
        {
            if (identity.IsSettled) cache.NoteEncoding(identity.Path, identity.Stamp);
            return reader.Encode(identity, coding);
        });
        cache.Recount(file.Identity.Path, file);
    }

    private async Task<StoredFile> ReadAsync(string path, Entry entry, EncodedSiblings siblings)
    {
        var mine = new Lazy<Task<StoredFile>>(() => Task.Run(() => Read(path, entry, siblings)));
        Lazy<Task<StoredFile>> read = _reads.GetOrAdd((path, entry.Stamp), mine);
        try
        {
            return await read.Value;
        }
        finally
        {
            if (read == mine) _reads.TryRemove((path, entry.Stamp), out _);
        }
    }

    private StoredFile Read(string path, Entry entry, EncodedSiblings siblings)
    {
        StoredFile file = reader.Read(path, entry, siblings, before: cache.FindFile(path), encodeFrom: cache.MayEncodeFrom(path, entry.Stamp));
        cache.KeepFile(path, file);
        return file;
    }
}
