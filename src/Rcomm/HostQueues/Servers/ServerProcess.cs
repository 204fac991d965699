
namespace Rcomm.HostQueues.Servers;

/// <summary>What tells which server a process is.</summary>
/// <param name="Executable">The name of its program file, or what the kernel calls it where that cannot be seen.</param>
/// <param name="CommandLine">Its arguments, with spaces between them.</param>
/// <param name="IsDotNet">True where the .NET runtime is loaded.</param>
/// <param name="IsGo">True where Go's linker has made the program.</param>
internal sealed record ServerProcess(string Executable, string CommandLine, bool IsDotNet = false, bool IsGo = false)
{
    // Go's build id is an ELF note (elf(5)) in the file's first pages: the note's type, 4, and its name.
    private static readonly byte[] GoNote = [4, 0, 0, 0, (byte)'G', (byte)'o', 0, 0];

    /// <summary>Reads it from /proc (proc(5)); what this user may not see is left out.</summary>
    /// <param name="name">What the kernel calls the process.</param>
    public static ServerProcess Read(int process, string name)
    {
        string folder = $"/proc/{process}";
        return new(
            Path.GetFileName(Try(() => new FileInfo(folder + "/exe").LinkTarget)?.Replace(" (deleted)", "", StringComparison.Ordinal)) ?? name,
            Try(() => File.ReadAllText(folder + "/cmdline").Replace('\0', ' ')) ?? "",
            Try(() => File.ReadLines(folder + "/maps").Any(line => line.EndsWith("/libcoreclr.so", StringComparison.Ordinal)) ? "yes" : null) is not null,
            Try(() => BeginsLikeGo(folder + "/exe") ? "yes" : null) is not null);
    }

    private static bool BeginsLikeGo(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8192];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..read].IndexOf(GoNote) >= 0;
    }

    private static string? Try(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
