using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Doctor;

/// <summary>Checks files and folders that this user must be able to read or write.</summary>
internal static class FolderChecks
{
    /// <summary>Checks a folder that is served.</summary>
    /// <param name="written">The path as the operator wrote it.</param>
    public static Finding DocumentRoot(string written, string root)
    {
        const string why = "Without it, every response is a 404 or a 403.";
        string name = $"document root {written}";
        if (BlockedBy(root) is { } folder)
            return new(name, Severity.Problem, $"user {Environment.UserName} can't enter {folder}", "readable by the user that the server runs as",
                why, Share(folder));
        if (!Directory.Exists(root))
            return new(name, Severity.Problem, "there is no such folder", "a folder", why, $"mkdir -p {root}, or name another: rcomm serve ROOT");
        try
        {
            bool hasPages = Directory.EnumerateFileSystemEntries(root).Any();
            return new(name, hasPages ? Severity.Ok : Severity.Warning, hasPages ? "readable" : "empty", "a folder with pages", why,
                hasPages ? null : $"put a page.html or an index.html into {root}");
        }
        catch (UnauthorizedAccessException)
        {
            return new(name, Severity.Problem, $"user {Environment.UserName} can't read {root}", "readable by the user that the server runs as", why,
                Share(root));
        }
    }

    /// <summary>Checks the file of the access log.</summary>
    public static Finding AccessLog(string path)
    {
        const string why = "Lines that can't be written are lost.";
        string name = $"access log {path}", folder = Path.GetDirectoryName(path)!;
        try
        {
            if (!Directory.Exists(folder))
                return new(name, Severity.Problem, $"the folder {folder} doesn't exist", "a file that can be written", why, $"mkdir -p {folder}");
            if (Directory.Exists(path))
                return new(name, Severity.Problem, "this is a folder", "a file that can be written", why, $"name a file in it: {path}/access.log");
            // Opening a FIFO without a reader would block.
            if (OperatingSystem.IsLinux() && FileStatus.OfPath(path) is { IsFile: false }) return new(name, Severity.Ok, "not a regular file", null, why);
            bool existed = File.Exists(path);
            using (new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            {
            }
            if (!existed) File.Delete(path);
            return new(name, Severity.Ok, "can be written", "a file that can be written", why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(name, Severity.Problem, $"user {Environment.UserName} can't write it ({e.Message.TrimEnd('.')})", "a file that can be written",
                why, $"chown {Environment.UserName} {folder}   or name another file");
        }
    }

    /// <summary>Checks the folder of a Unix socket.</summary>
    public static Finding UnixSocket(ListenAddress address)
    {
        const string why = "The server creates the file of a Unix socket at startup.";
        string folder = Path.GetDirectoryName(Path.GetFullPath(address.UnixPath!))!, name = $"folder of {address}";
        if (!Directory.Exists(folder))
            return new(name, Severity.Problem, $"the folder {folder} doesn't exist", "a folder that can be written", why,
                $"mkdir -p {folder}   systemd: RuntimeDirectory={Path.GetFileName(folder)}");
        string probe = Path.Combine(folder, $".rcomm-{Environment.ProcessId}");
        try
        {
            File.Create(probe).Dispose();
            File.Delete(probe);
            return new(name, Severity.Ok, "can be written", "a folder that can be written", why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(name, Severity.Problem, $"user {Environment.UserName} can't write {folder}", "a folder that can be written", why,
                $"chown {Environment.UserName} {folder}   or another path");
        }
    }

    // Returns the first folder on the path that this user may not enter: "." in it is then not visible.
    private static string? BlockedBy(string path)
    {
        string folder = "/";
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Directory.Exists(folder) && !Path.Exists(folder.TrimEnd('/') + "/.")) return folder;
            folder = Path.Combine(folder, name);
        }
        return null;
    }

    // Only for this user or its group, so that private files stay private.
    private static string Share(string folder) =>
        $"setfacl -m u:{Environment.UserName}:rx {folder}   or: chgrp GROUP {folder} && chmod g+rx {folder}, with a GROUP that {Environment.UserName} is in";
}
