
namespace Rcomm.HostQueues.Servers;

/// <summary>How one server's backlog is set: a row of docs/other-servers.md, which a test compares.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Executables">Names of its program file; <c>php-fpm</c> stands for <c>php-fpm8.2</c> too.</param>
/// <param name="Word">What its command line contains, where the program file is an interpreter's; otherwise null.</param>
/// <param name="Default">The backlog without any setting.</param>
/// <param name="Setting">What to write, with {N} for the backlog and {PORT} for the port; a sentence where it has no setting.</param>
/// <param name="Apply">What makes a change apply, with {N} for the backlog.</param>
/// <param name="Clamp">What keeps it lower besides <c>net.core.somaxconn</c>; null where nothing does.</param>
/// <param name="Version">The version that bench/other-servers checked; null where the row stands on documentation alone.</param>
internal sealed record ServerProgram(
    string Name, string[] Executables, string? Word, string Default, string Setting, string Apply, string? Clamp, string? Version)
{
    /// <summary>What to write for so many connections.</summary>
    /// <param name="port">The TCP port; null for a Unix socket.</param>
    public string SettingFor(int backlog, int? port) => SettingFor($"{backlog}", port is { } one ? $"{one}" : "PATH");

    public string SettingFor(string backlog, string port) =>
        Setting.Replace("{N}", backlog, StringComparison.Ordinal).Replace("{PORT}", port, StringComparison.Ordinal);

    /// <summary>What makes a change to so many connections apply.</summary>
    public string ApplyFor(int backlog) => Apply.Replace("{N}", $"{backlog}", StringComparison.Ordinal);
}
