using Rcomm.Shared.Linux;
using Rcomm.Site.Files;

namespace Rcomm.Site.FastPath;

/// <summary>What was found at paths of the file system while an answer was made. As long as the same is there, the answer is the same.</summary>
internal sealed class SeenPlaces
{
    // Each is a call of the kernel for whoever gives the answer again.
    private const int MaxCount = 40;

    private readonly DateTime _begun = DateTime.UtcNow;
    // Without a stamp: nothing was there.
    private readonly List<(byte[] Location, FileStamp Stamp)> _all = [];
    private bool _isComplete = true;

    /// <summary>False where a change of what was seen might not be noticed.</summary>
    public bool CanBeChecked => _isComplete && _all.Count <= MaxCount;

    public void Add(string location, in Entry entry)
    {
        _isComplete &= entry.Kind == EntryKind.Nothing || (entry.Kind is EntryKind.File or EntryKind.Folder && entry.Stamp.IsOlderThan(_begun));
        if (CanBeChecked) _all.Add((FileName.EncodeForCall(location), entry.Stamp));
    }

    /// <summary>True while all is as it was seen.</summary>
    public bool AreUnchanged()
    {
        foreach ((byte[] location, FileStamp stamp) in _all)
            if (stamp == default ? !FileStatus.IsNothingAt(location) : FileStatus.StampOf(location) != stamp) return false;
        return true;
    }
}
