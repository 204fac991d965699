using Rcomm.Shared.Linux;
using Rcomm.Site.Files;

namespace Rcomm.Site.FastPath;

/// <summary>Records what was found at paths of the file system while an answer was made. While that is unchanged, the answer is the same.</summary>
internal sealed class FileDependencies
{
    // Each check is a system call whenever the answer is reused.
    private const int MaxCount = 40;

    private readonly DateTime _begun = DateTime.UtcNow;
    // A default stamp means that nothing was there.
    private readonly List<(byte[] Location, FileStamp Stamp)> _all = [];
    private bool _isComplete = true;

    /// <summary>False if a change might go unnoticed.</summary>
    public bool CanBeChecked => _isComplete && _all.Count <= MaxCount;

    public void Add(string location, in Entry entry)
    {
        _isComplete &= entry.Kind == EntryKind.Nothing || (entry.Kind is EntryKind.File or EntryKind.Folder && entry.Stamp.IsOlderThan(_begun));
        if (CanBeChecked) _all.Add((FileName.EncodeForCall(location), entry.Stamp));
    }

    /// <summary>Returns true if everything is unchanged.</summary>
    public bool AreUnchanged()
    {
        foreach ((byte[] location, FileStamp stamp) in _all)
            if (stamp == default ? !FileStatus.IsNothingAt(location) : FileStatus.StampOf(location) != stamp) return false;
        return true;
    }
}
