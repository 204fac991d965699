using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Rcomm.Settings;

/// <summary>The settings of a JSON file: <c>rcomm.json</c> in the working directory unless another one is named. Comments are allowed.</summary>
internal sealed class ConfigurationFile
{
    public const string Flag = "--config";
    public const string Variable = Setting.VariablePrefix + "CONFIG";
    private const string DefaultPath = "rcomm.json";
    private const string SchemaKey = "$schema";

    private static readonly string[] Sections = ["site", "hosts"];

    private readonly ConfigurationText _text;

    private ConfigurationFile(string name, ConfigurationText text) => (Name, _text) = (name, text);

    /// <summary>No file.</summary>
    public static ConfigurationFile None { get; } = new("", ConfigurationText.Parse("", "{}"u8));

    /// <summary>The rules of the server's own site.</summary>
    public SiteFile Site { get; private init; } = new();

    /// <summary>The sites for particular host names.</summary>
    public IReadOnlyList<HostFile> Hosts { get; private init; } = [];

    /// <summary>The text of the sections that are not settings, to detect changes.</summary>
    public string Rules { get; private init; } = "";

    /// <summary>The file's path as the operator wrote it; empty for none.</summary>
    public string Name { get; }

    /// <summary>Reads the file named by the flag or the variable, or rcomm.json if it exists.</summary>
    /// <exception cref="ConfigurationException">The named file doesn't exist, isn't valid JSON, or has an unknown setting.</exception>
    public static ConfigurationFile Read(string? flag, string? variable)
    {
        (string path, string? place) =
            !string.IsNullOrWhiteSpace(flag) ? (flag, Flag) :
            !string.IsNullOrWhiteSpace(variable) ? (variable, Variable) : (DefaultPath, null);
        if (!File.Exists(path))
            return place is null ? None : throw new ConfigurationException(
                $"{place}={path}: there is no such file. Name one that exists, or leave {place} out.");
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} can't be read: {e.Message}");
        }
    }

    /// <summary>Parses the content of a file.</summary>
    /// <exception cref="ConfigurationException">It isn't valid JSON, or has an unknown setting.</exception>
    public static ConfigurationFile Parse(string path, ReadOnlySpan<byte> content)
    {
        ConfigurationText text = ConfigurationText.Parse(path, content);
        foreach ((string key, JsonNode? value) in text.Root) CheckMember(text, key, value);
        return new ConfigurationFile(path, text)
        {
            Site = ReadSection(text, "site", SiteFileJson.Default.SiteFile) ?? new(),
            Hosts = ReadSection(text, "hosts", SiteFileJson.Default.ListHostFile) ?? [],
            Rules = string.Concat(Sections.Select(section => text.Root[section]?.ToJsonString())),
        };
    }

    /// <summary>Returns the setting's text, with the members of a list joined by commas; null if the file doesn't have it.</summary>
    public string? Find(Setting setting) => _text.Root[setting.FileKey] switch
    {
        null => null,
        JsonArray list => string.Join(',', list.Select(TextOf)),
        { } value => TextOf(value),
    };

    /// <summary>Returns the line of a setting; null if the file doesn't have it.</summary>
    public int? LineOf(Setting setting) => _text.LineOf(setting.FileKey);

    /// <summary>Returns a section's member with its file and line, for the start of an error message.</summary>
    public string Place(string member) => _text.Place(member);

    private static void CheckMember(ConfigurationText text, string key, JsonNode? value)
    {
        if (key == SchemaKey || Sections.Contains(key, StringComparer.OrdinalIgnoreCase)) return;

        Setting? setting = SettingCatalog.All.FirstOrDefault(setting => setting.FileKey.Equals(key, StringComparison.OrdinalIgnoreCase));
        if (setting is null)
            throw new ConfigurationException($"{text.Place(key)}: there is no such " +
                $"setting.{Spelling.DidYouMean(key, [.. SettingCatalog.All.Select(one => one.FileKey), .. Sections])}");
        bool isScalar = value is null or JsonValue || (value is JsonArray list && list.All(one => one is JsonValue));
        if (!isScalar)
            throw new ConfigurationException($"{text.Place(key)}: write a value, e.g. \"{key}\": " +
                $"\"{(setting.Default == "" ? setting.Kind.Placeholder : setting.Default)}\".");
    }

    private static string TextOf(JsonNode? value) => value!.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static T? ReadSection<T>(ConfigurationText text, string section, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return text.Root[section]?.Deserialize(type);
        }
        catch (JsonException e)
        {
            // The message names types of the program; the operator knows only the path.
            string what = e.Message.StartsWith("The JSON property", StringComparison.Ordinal)
                ? "unknown name; `rcomm check --schema` prints what is allowed"
                : e.Message.Contains("missing required", StringComparison.Ordinal)
                    ? "a member is missing: " + e.Message[(e.Message.IndexOf(':') + 1)..].Split("Path:")[0].Trim()
                : "this isn't a valid value here; `rcomm check --schema` prints what is allowed";
            throw new ConfigurationException($"{text.Place(section + e.Path?.TrimStart('$'))}: {what}.");
        }
    }
}
