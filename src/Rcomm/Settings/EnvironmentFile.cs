namespace Rcomm.Settings;

/// <summary>
/// Variables from a file, as systemd's <c>EnvironmentFile=</c> has them. A process keeps the environment it was started with; a file can be
/// changed and read again. Its variables win over those of the process.
/// </summary>
internal sealed record EnvironmentFile(string Name, IReadOnlyDictionary<string, string> Variables)
{
    public const string Flag = "--env-file";
    public const string Variable = "RCOMM_ENV_FILE";

    // As in a unit's EnvironmentFile=: the file may be absent.
    private const char Optional = '-';

    /// <summary>No file.</summary>
    public static EnvironmentFile None { get; } = new("", new Dictionary<string, string>());

    /// <summary>Reads the file that the flag or the variable names.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, is not there and not optional, or a line is not a variable.</exception>
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
                $"{place}={written}: the file does not exist. Create it, or write {place}={Optional}{written} where it may be absent.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{place}={written} can't be read: {e.Message}");
        }
    }
}
