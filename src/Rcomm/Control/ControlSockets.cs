namespace Rcomm.Control;

/// <summary>
/// The default locations of control sockets: <c>$XDG_RUNTIME_DIR/rcomm</c> (XDG Base Directory Specification: private to the user, removed at the last
/// logout), otherwise <c>/run/rcomm</c>.
/// </summary>
internal static class ControlSockets
{
    private const string Runtime = "XDG_RUNTIME_DIR";
    private const string System = "/run/rcomm";
    private const string Pattern = "*.sock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folders that may contain sockets, this user's own first.</summary>
    public static IReadOnlyList<string> Folders { get; } =
        Environment.GetEnvironmentVariable(Runtime) is { Length: > 0 } runtime ? [Path.Combine(runtime, "rcomm"), System] : [System];

    /// <summary>Returns a path for this process's socket, in a folder that is created if needed; null if this user can't have one.</summary>
    public static string? NewPath()
    {
        // The login must have created the user's own folder.
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

    /// <summary>Returns the paths of sockets at which a server may answer.</summary>
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
