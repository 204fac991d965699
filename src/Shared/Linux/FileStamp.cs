using System.Globalization;

namespace Rcomm.Shared.Linux;

/// <summary>What tells a file from what it was before: as long as it is equal, the content is the same.</summary>
/// <param name="Inode">The file's number; another file under the same name has another.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedNs">When its content was changed, in nanoseconds since 1970.</param>
/// <param name="ChangedNs">When its inode was changed: a clock that no user can set back.</param>
internal readonly record struct FileStamp(ulong Inode, long Length, long ModifiedNs, long ChangedNs)
{
    private const int NanosecondsInTick = 100;

    public DateTimeOffset Modified => DateTimeOffset.UnixEpoch.AddTicks(ModifiedNs / NanosecondsInTick);

    /// <summary>
    /// A strong validator without its quotes: time and length, not the inode, so that the same files on several machines have the same one. Linux stamps
    /// with some nanoseconds' resolution (multigrain timestamps since 6.13; 4 ms or better before).
    /// </summary>
    public string Validator => string.Create(CultureInfo.InvariantCulture, $"{ModifiedNs:x}-{Length:x}");
}
