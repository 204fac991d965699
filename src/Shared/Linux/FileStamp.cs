namespace Rcomm.Shared.Linux;

/// <summary>What tells a file from what it was before: as long as it is equal, the content is the same, but see <see cref="IsOlderThan"/>.</summary>
/// <param name="Inode">The file's number; another file under the same name has another.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ModifiedNs">When its content was changed, in nanoseconds since 1970.</param>
/// <param name="ChangedNs">When its inode was changed: a clock that no user can set back.</param>
internal readonly record struct FileStamp(ulong Inode, long Length, long ModifiedNs, long ChangedNs)
{
    private const int NanosecondsInTick = 100;
    private const long NanosecondsInSecond = 1_000_000_000;
    // A tick of the kernel is 1 to 10 ms. File systems with whole seconds have no fraction (ext4 with inodes of 128 bytes), FAT steps of 2 s.
    private static readonly TimeSpan KernelTick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WholeSeconds = TimeSpan.FromSeconds(2.1);

    public DateTimeOffset Modified => DateTimeOffset.UnixEpoch.AddTicks(ModifiedNs / NanosecondsInTick);

    /// <summary>True where a change after this moment gives the file another stamp: a younger one may be equal to it, since a clock has steps.</summary>
    public bool IsOlderThan(DateTime moment)
    {
        TimeSpan age = moment - DateTime.UnixEpoch.AddTicks(ChangedNs / NanosecondsInTick);
        return age > (ChangedNs % NanosecondsInSecond == 0 ? WholeSeconds : KernelTick);
    }
}
