namespace Rcomm.Control;

/// <summary>
/// Where servers have their control sockets if no setting names a place: <c>$XDG_RUNTIME_DIR/rcomm</c> (the XDG base directory
/// specification: this user's alone, gone at the last logout), else <c>/run/rcomm</c>.
/// </summary>
internal static class ControlSockets
{
    private const string Runtime = "XDG_RUNTIME_DIR";
    private const string System = "/run/rcomm";
    private const string Pattern = "*.sock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folders in which sockets may be, this user's own first.</summary>
    public static IReadOnlyList<string> Folders { get; } =
        Environment.GetEnvironmentVariable(Runtime) is { Length: > 0 } runtime ? [Path.Combine(runtime, "rcomm"), System] : [System];

    /// <summary>A path for this process's socket, in a folder that is made where it is missing; null where this user has none.</summary>
    public static string? NewPath()
    {
        // A user's own folder must be there already: making it is the login's business.
        string folder = Folders[0];
        if (OperatingSystem.IsWindows() || !Directory.Exists(Path.GetDirectoryName(folder))) return null;
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            return Path.Combine(folder, $"{Environment.ProcessId}.sock");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The paths of sockets at which a server may answer.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, Pattern).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
