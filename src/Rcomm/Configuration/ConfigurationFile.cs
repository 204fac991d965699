using Microsoft.Extensions.Configuration;

namespace Rcomm.Configuration;

/// <summary>The settings of a JSON file, <c>rcomm.json</c> in the working folder unless another is named; comments are allowed in it.</summary>
internal sealed class ConfigurationFile
{
    public const string Flag = "--config";
    public const string Variable = "RCOMM_CONFIG";
    private const string DefaultPath = "rcomm.json";

    private readonly IConfiguration _values;

    private ConfigurationFile(string name, IConfiguration values) => (Name, _values) = (name, values);

    /// <summary>No file.</summary>
    public static ConfigurationFile None { get; } = new("", new ConfigurationBuilder().Build());

    /// <summary>The file's path as the operator wrote it.</summary>
    public string Name { get; }

    /// <summary>Reads the file that the flag or the variable names, or rcomm.json where there is one.</summary>
    /// <exception cref="ConfigurationException">The named file is not there, is no JSON, or holds an unknown setting.</exception>
    public static ConfigurationFile Read(string? flag, string? variable)
    {
        (string path, string? place) =
            !string.IsNullOrWhiteSpace(flag) ? (flag, Flag) :
            !string.IsNullOrWhiteSpace(variable) ? (variable, Variable) : (DefaultPath, null);
        if (!File.Exists(path))
            return place is null ? None : throw new ConfigurationException($"{place}={path}: there is no such file. Name one that is there, or leave {place} out.");

        try
        {
            using FileStream stream = File.OpenRead(path);
            var file = new ConfigurationFile(path, new ConfigurationBuilder().AddJsonStream(stream).Build());
            file.RefuseUnknownSettings();
            return file;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new ConfigurationException($"{path} is no JSON that rcomm can read: {(e.InnerException ?? e).Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>The setting's text; the members of a list joined by commas; null where the file does not have it.</summary>
    public string? Find(Setting setting)
    {
        IConfigurationSection section = _values.GetSection(setting.FileKey);
        if (!section.Exists()) return null;
        return section.Value ?? string.Join(',', section.GetChildren().Select(child => child.Value));
    }

    private void RefuseUnknownSettings()
    {
        List<string> known = [.. Settings.All.Select(setting => setting.FileKey)];
        foreach (IConfigurationSection section in _values.GetChildren())
        {
            if (section.Key != "$schema" && !known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                throw new ConfigurationException($"{section.Key} in {Name} is no setting of rcomm.{Spelling.DidYouMean(section.Key, known)}");
        }
    }
}
