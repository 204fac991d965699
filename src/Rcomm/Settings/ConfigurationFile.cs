using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Configuration;

namespace Rcomm.Settings;

/// <summary>The settings of a JSON file, <c>rcomm.json</c> in the working folder unless another is named; comments are allowed in it.</summary>
internal sealed class ConfigurationFile
{
    public const string Flag = "--config";
    public const string Variable = "RCOMM_CONFIG";
    private const string DefaultPath = "rcomm.json";

    private static readonly string[] Sections = ["site", "hosts"];
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly IConfiguration _values;

    private ConfigurationFile(string name, IConfiguration values) => (Name, _values) = (name, values);

    /// <summary>No file.</summary>
    public static ConfigurationFile None { get; } = new("", new ConfigurationBuilder().Build());

    /// <summary>The rules of the server's own site.</summary>
    public SiteFile Site { get; private init; } = new();

    /// <summary>Sites of their own for some host names.</summary>
    public IReadOnlyList<HostFile> Hosts { get; private init; } = [];

    /// <summary>The sections that aren't settings, as text, to see whether they have changed.</summary>
    public string Rules { get; private init; } = "";

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
            byte[] text = File.ReadAllBytes(path);
            using var stream = new MemoryStream(text);
            IConfiguration values = new ConfigurationBuilder().AddJsonStream(stream).Build();
            RefuseUnknownSettings(path, values);
            var root = (JsonObject)JsonNode.Parse(text, new JsonNodeOptions { PropertyNameCaseInsensitive = true }, Lenient)!;
            return new ConfigurationFile(path, values)
            {
                Site = ReadSection(path, root, "site", SiteFileJson.Default.SiteFile) ?? new(),
                Hosts = ReadSection(path, root, "hosts", SiteFileJson.Default.ListHostFile) ?? [],
                Rules = string.Concat(Sections.Select(section => root[section]?.ToJsonString())),
            };
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

    private static T? ReadSection<T>(string path, JsonObject root, string section, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return root[section]?.Deserialize(type);
        }
        catch (JsonException e)
        {
            // The message names our types; the path is what the operator knows.
            string what = e.Message.StartsWith("The JSON property", StringComparison.Ordinal) ? "there is no such member; `rcomm check --schema` prints what can stand there"
                : e.Message.Contains("missing required", StringComparison.Ordinal) ? "a member is missing: " + e.Message[(e.Message.IndexOf(':') + 1)..].Split("Path:")[0].Trim()
                : "that is not what can stand there; `rcomm check --schema` prints what can";
            throw new ConfigurationException($"{section}{e.Path?.TrimStart('$')} in {path}: {what}.");
        }
    }

    private static void RefuseUnknownSettings(string path, IConfiguration values)
    {
        List<string> known = [.. SettingCatalog.All.Select(setting => setting.FileKey), .. Sections];
        foreach (IConfigurationSection section in values.GetChildren())
        {
            if (section.Key != "$schema" && !known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                throw new ConfigurationException($"{section.Key} in {path} isn't an rcomm setting.{Spelling.DidYouMean(section.Key, known)}");
        }
    }
}
