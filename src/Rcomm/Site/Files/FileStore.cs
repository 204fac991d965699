using System.Collections.Concurrent;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>A file, the key of the path that led to it, and how long clients may keep it at the URL it was found at.</summary>
internal readonly record struct FoundFile(string Key, StoredFile File, StringValues CacheControl);

/// <summary>The files of a site: kept ones as long as they are what they were, others read once for all requests that wait for them.</summary>
internal sealed class FileStore(DocumentRoot root, FileReader reader, FileCache cache)
{
    private readonly ConcurrentDictionary<(string, FileStamp), Lazy<Task<StoredFile>>> _reads = new();

    /// <summary>The kept file that a request's path leads to; false where there is none, or it must be looked up again.</summary>
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
    /// True while <see cref="TryFind"/> would find this file, for one who can't look it up again: the first who asks when that is due hears
    /// false, and sends somebody who can.
    /// </summary>
    public bool IsKept(in FoundFile found) =>
        cache.FindRoute(found.Key) is { } route && route.IsFollowed() && cache.FindFile(route.Path) == found.File
            && route.CacheControl == found.CacheControl && found.File.IsCurrent(long.MaxValue);

    /// <summary>
    /// The file that a request's path led to just now. One that is kept is read again only where it, or an encoded form beside it, has
    /// changed.
    /// </summary>
    /// <param name="entry">The open file. Its handle stays the caller's.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<FoundFile> LoadAsync(string key, string path, Entry entry, StringValues cacheControl)
    {
        using EncodedSiblings siblings = EncodedSiblings.Find(root, path, entry.Stamp);
        StoredFile file = cache.FindFile(path) is { } kept && kept.IsMadeFrom(entry.Stamp, siblings) ? kept : await ReadAsync(path, entry, siblings);
        if (cache.FindRoute(key)?.LeadsTo(path, cacheControl) != true) cache.KeepRoute(key, new KeptRoute(path, cacheControl));
        return new(key, file, cacheControl);
    }

    /// <summary>A request's path no longer leads to a file.</summary>
    public void Forget(string key) => cache.ForgetRoute(key);

    /// <summary>Encodes a form of a file, or waits until somebody else has.</summary>
    /// <exception cref="IOException">The file cannot be read, or is no longer what it was.</exception>
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
