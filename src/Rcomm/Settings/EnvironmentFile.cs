namespace Rcomm.Settings;

/// <summary>
/// Variables from a file, <c>NAME=value</c> on each line, as systemd's <c>EnvironmentFile=</c> has them. A process keeps the environment it
/// was started with; a file can be changed and read again. Its variables win over those of the process.
/// </summary>
internal sealed record EnvironmentFile(string Name, IReadOnlyDictionary<string, string> Variables)
{
    public const string Flag = "--env-file";
    public const string Variable = "RCOMM_ENV_FILE";

    /// <summary>No file.</summary>
    public static EnvironmentFile None { get; } = new("", new Dictionary<string, string>());

    /// <summary>Reads the file that the flag or the variable names.</summary>
    /// <exception cref="ConfigurationException">It is not there, cannot be read, or a line is no variable.</exception>
    public static EnvironmentFile Read(string? flag, string? variable)
    {
        (string? path, string place) = string.IsNullOrWhiteSpace(flag) ? (variable, Variable) : (flag, Flag);
        if (string.IsNullOrWhiteSpace(path)) return None;
        try
        {
            return new(path, Parse(path, File.ReadAllLines(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{place}={path} cannot be read: {e.Message}");
        }
    }

    private static Dictionary<string, string> Parse(string path, string[] lines)
    {
        Dictionary<string, string> variables = [];
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line == "" || line[0] is '#' or ';') continue;

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new ConfigurationException($"{path}, line {i + 1}: \"{line}\" is no variable. Write NAME=value, like RCOMM_BACKLOG=1024.");
            variables[line[..equals].TrimEnd()] = Unquote(line[(equals + 1)..].TrimStart());
        }
        return variables;
    }

    private static string Unquote(string value) => value is ['"', .., '"'] or ['\'', .., '\''] ? value[1..^1] : value;
}
