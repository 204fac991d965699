
namespace Rcomm.HostQueues.Servers;

/// <summary>The properties that identify the server program of a process.</summary>
/// <param name="Executable">The name of its program file, or the kernel's name of the process if the file isn't visible.</param>
/// <param name="CommandLine">Its arguments, separated by spaces.</param>
/// <param name="IsDotNet">Whether the .NET runtime is loaded.</param>
/// <param name="IsGo">Whether Go's linker created the program.</param>
internal sealed record ServerProcess(string Executable, string CommandLine, bool IsDotNet = false, bool IsGo = false)
{
    // Go's build id is an ELF note (elf(5)) in the first pages of the file: the type of the note, 4, and its name.
    private static readonly byte[] GoNote = [4, 0, 0, 0, (byte)'G', (byte)'o', 0, 0];

    /// <summary>Reads the properties from /proc (proc(5)); those not visible to this user are omitted.</summary>
    /// <param name="name">The kernel's name of the process.</param>
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
