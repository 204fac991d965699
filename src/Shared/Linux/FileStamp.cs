namespace Rcomm.Shared.Linux;

/// <summary>Identifies one state of a file: while the stamp is equal, the content is the same, except as <see cref="IsOlderThan"/> describes.</summary>
/// <param name="Inode">The file's inode; another file under the same name has another.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="ModifiedNs">When the content was last changed, in nanoseconds since 1970.</param>
/// <param name="ChangedNs">When the inode was last changed: a time that users can't set.</param>
internal readonly record struct FileStamp(ulong Inode, long Length, long ModifiedNs, long ChangedNs)
{
    private const int NanosecondsInTick = 100;
    internal const long NanosecondsInSecond = 1_000_000_000;
    // A kernel tick is 1 to 10 ms. Some file systems store whole seconds (ext4 with 128-byte inodes); FAT has steps of 2 s.
    private static readonly TimeSpan KernelTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WholeSeconds = TimeSpan.FromSeconds(2.1);

    public DateTimeOffset Modified => DateTimeOffset.UnixEpoch.AddTicks(ModifiedNs / NanosecondsInTick);

    /// <summary>Returns true if a change after this moment gives the file another stamp. A change within the resolution of the clock may not.</summary>
    public bool IsOlderThan(DateTime moment)
    {
        TimeSpan age = moment - DateTime.UnixEpoch.AddTicks(ChangedNs / NanosecondsInTick);
        return age > (ChangedNs % NanosecondsInSecond == 0 ? WholeSeconds : KernelTick);
    }
}
