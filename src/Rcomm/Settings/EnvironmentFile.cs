namespace Rcomm.Settings;

/// <summary>
/// Variables from a file in the format of systemd's <c>EnvironmentFile=</c>. The environment of a process is fixed at its start; the file can be changed
/// and read again. Its variables override those of the process.
/// </summary>
internal sealed record EnvironmentFile(string Name, IReadOnlyDictionary<string, string> Variables)
{
    public const string Flag = "--env-file";
    public const string Variable = Setting.VariablePrefix + "ENV_FILE";

    // The file may be absent, as in a unit's EnvironmentFile=.
    private const char Optional = '-';

    /// <summary>No file.</summary>
    public static EnvironmentFile None { get; } = new("", new Dictionary<string, string>());

    /// <summary>Reads the file named by the flag or the variable.</summary>
    /// <exception cref="ConfigurationException">It can't be read, doesn't exist and isn't optional, or a line isn't a variable.</exception>
    public static EnvironmentFile Read(string? flag, string? variable)
    {
        (string? written, string place) = string.IsNullOrWhiteSpace(flag) ? (variable, Variable) : (flag, Flag);
        if (string.IsNullOrWhiteSpace(written)) return None;
        bool isOptional = written[0] == Optional;
        string path = isOptional ? written[1..] : written;
        try
        {
            return new(path, new EnvironmentFileReader(path, File.ReadAllText(path)).Read());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return isOptional ? None : throw new ConfigurationException(
                $"{place}={written}: the file does not exist. Create it, or write {place}={Optional}{written} if it is optional.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{place}={written} can't be read: {e.Message}");
        }
    }
}
