using Rcomm.Shared.Linux;
using Rcomm.Site.Http;

namespace Rcomm.Site.Files;

/// <summary>An encoded form stored beside a file: <c>app.js.br</c> beside <c>app.js</c>.</summary>
internal sealed record EncodedSibling(ContentCoding Coding, string Path, Entry Entry);

/// <summary>The opened encoded siblings of a file.</summary>
internal sealed class EncodedSiblings : IDisposable
{
    private readonly List<EncodedSibling> _all = [];

    public static EncodedSiblings Find(DocumentRoot root, string path, FileStamp original)
    {
        var found = new EncodedSiblings();
        foreach ((ContentCoding coding, _, string extension) in AcceptedCodings.Known)
        {
            Entry entry = root.Open(path + extension);
            // A sibling older than its file was made from another version of it.
            if (entry.Kind == EntryKind.File && entry.Stamp.ModifiedNs >= original.ModifiedNs) found._all.Add(new(coding, path + extension, entry));
            else entry.Handle?.Dispose();
        }
        return found;
    }

    public EncodedSibling? Find(ContentCoding coding) => _all.Find(sibling => sibling.Coding == coding);

    /// <summary>Returns true if the forms were read from these files.</summary>
    public bool Are(IEnumerable<Representation> forms) =>
        _all.Select(one => (one.Path, one.Entry.Stamp)).SequenceEqual(forms.Select(form => (form.Path, form.Stamp)));

    public void Dispose()
    {
        foreach (EncodedSibling one in _all) one.Entry.Handle!.Dispose();
    }
}
