
namespace Rcomm.HostQueues.Servers;

/// <summary>How the backlog of one server is set: a row of docs/other-servers.md, which a test compares.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Executables">The names of its program file; <c>php-fpm</c> also matches <c>php-fpm8.2</c>.</param>
/// <param name="Word">A word in its command line, if the program file is an interpreter; otherwise null.</param>
/// <param name="Default">The backlog without a setting.</param>
/// <param name="Setting">The setting, with {N} for the backlog and {PORT} for the port; a sentence if there is no setting.</param>
/// <param name="Apply">How to apply a change, with {N} for the backlog.</param>
/// <param name="Clamp">What limits it besides <c>net.core.somaxconn</c>; null for nothing.</param>
/// <param name="Version">The version checked by bench/other-servers; null if the row relies on documentation alone.</param>
internal sealed record ServerProgram(
    string Name, string[] Executables, string? Word, string Default, string Setting, string Apply, string? Clamp, string? Version)
{
    /// <summary>Returns the setting for a backlog.</summary>
    /// <param name="port">The TCP port; null for a Unix socket.</param>
    public string SettingFor(int backlog, int? port) => SettingFor($"{backlog}", port is { } one ? $"{one}" : "PATH");

    public string SettingFor(string backlog, string port) =>
        Setting.Replace("{N}", backlog, StringComparison.Ordinal).Replace("{PORT}", port, StringComparison.Ordinal);

    /// <summary>Returns how to apply a change to a backlog.</summary>
    public string ApplyFor(int backlog) => Apply.Replace("{N}", $"{backlog}", StringComparison.Ordinal);
}
