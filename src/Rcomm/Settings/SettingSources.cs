namespace Rcomm.Settings;

/// <summary>A setting's text and its source: <c>--port</c>, <c>RCOMM_PORT</c>, <c>port in rcomm.json</c>; null for the default.</summary>
/// <param name="Line">The line in the configuration file; null for other sources.</param>
internal sealed record SettingValue(string Text, string? Where, int? Line = null)
{
    /// <summary>The setting as the operator wrote it, for the start of an error message: <c>RCOMM_PORT=80</c>.</summary>
    public string Quoted => Where is not null && Where.Contains(' ') ? $"{Where}{(Line is { } line ? $", line {line}" : "")}: {Text}" : $"{Where}={Text}";
}

/// <summary>
/// The sources of settings, in order of priority: flags, then the environment (first its file), then the configuration file, then the default.
/// </summary>
internal sealed class SettingSources(
    IReadOnlyDictionary<string, string> flags, EnvironmentFile environmentFile, IReadOnlyDictionary<string, string> environment, ConfigurationFile file)
{
    private readonly List<string> _warnings = [];
    private readonly HashSet<Setting> _ignored = [];

    /// <summary>Values that were ignored, and unknown variables, a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether an invalid value in the environment's file is also an error: a running server has a better value than the default.</summary>
    public bool IsReload { get; set; }

    /// <summary>The rest of the configuration file.</summary>
    public ConfigurationFile File => file;

    /// <summary>The environment's file.</summary>
    public EnvironmentFile EnvironmentFile => environmentFile;

    /// <summary>The settings that were written somewhere, with their sources.</summary>
    public IEnumerable<(Setting Setting, SettingValue SettingValue)> Explicit =>
        SettingCatalog.All.Except(_ignored).Select(setting => (setting, Find(setting))).Where(found => found.Item2.Where is not null);

    /// <summary>Returns the setting's text from the first source that has it.</summary>
    public SettingValue Find(Setting setting)
    {
        if (flags.TryGetValue(setting.Name, out string? text)) return new(text, setting.Flag);
        // An empty variable counts as unset, since compose files and unit files can't unset one.
        if (environmentFile.Variables.TryGetValue(setting.Variable, out text) && text.Trim() != "")
            return new(text.Trim(), $"{setting.Variable} in {environmentFile.Name}");
        if (environment.TryGetValue(setting.Variable, out text) && text.Trim() != "") return new(text.Trim(), setting.Variable);
        if (file.Find(setting) is { } inFile) return new(inFile, $"{setting.FileKey} in {file.Name}", file.LineOf(setting));
        return new(setting.Default, null);
    }

    /// <summary>Returns true if the setting was written somewhere and not ignored.</summary>
    public bool IsWritten(Setting setting) => Find(setting).Where is not null && !_ignored.Contains(setting);

    /// <summary>Returns true if the text isn't valid and the default is used instead.</summary>
    public bool IsIgnored(Setting setting) => _ignored.Contains(setting);

    /// <summary>Returns the setting's value.</summary>
    /// <exception cref="ConfigurationException">The text isn't valid.</exception>
    public T Read<T>(Setting<T> setting)
    {
        SettingValue written = Find(setting);
        try
        {
            return setting.Read(written.Text);
        }
        catch (FormatException e) when (setting.ForgivenInEnvironment && IsForgiven(written.Where, setting.Variable))
        {
            _ignored.Add(setting);
            _warnings.Add($"{written.Where}=\"{written.Text}\" is ignored, {setting.Default} is used: {e.Message}.");
            return setting.Read(setting.Default);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{written.Quoted}: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Adds a sentence to <see cref="Warnings"/>.</summary>
    public void Warn(string sentence) => _warnings.Add(sentence);

    /// <summary>Warns if a setting was written that another one overrides.</summary>
    public void WarnOfOverridden(Setting overridden, Setting by)
    {
        if (Find(by) is { Where: { } winner } && Find(overridden) is { Where: not null } loser)
            _warnings.Add($"{loser.Quoted} has no effect, because {winner} sets the addresses.");
    }

    /// <summary>Warns of unknown variables that start with RCOMM_.</summary>
    public void WarnOfUnknownVariables()
    {
        List<string> known = [ConfigurationFile.Variable, EnvironmentFile.Variable, .. SettingCatalog.All.Select(setting => setting.Variable)];
        foreach (string name in environment.Keys.Union(environmentFile.Variables.Keys)
            .Where(name => name.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal)).Except(known).Order(StringComparer.Ordinal))
            _warnings.Add($"{name} isn't an rcomm setting and is ignored.{Spelling.DidYouMean(name, known)}");
    }

    // The environment itself can't change while the server runs, but its file can.
    private bool IsForgiven(string? where, string variable) =>
        where == variable || (!IsReload && where?.StartsWith(variable, StringComparison.Ordinal) == true);
}
