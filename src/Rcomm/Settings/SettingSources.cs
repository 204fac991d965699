namespace Rcomm.Settings;

/// <summary>What was written, and where: <c>--port</c>, <c>RCOMM_PORT</c>, <c>port in rcomm.json</c>; null for the default.</summary>
/// <param name="Line">The line of the configuration file; null for other places.</param>
internal sealed record SettingValue(string Text, string? Where, int? Line = null)
{
    /// <summary>The setting as the operator wrote it, for the beginning of an error: <c>RCOMM_PORT=80</c>.</summary>
    public string Quoted => Where is not null && Where.Contains(' ') ? $"{Where}{(Line is { } line ? $", line {line}" : "")}: {Text}" : $"{Where}={Text}";
}

/// <summary>
/// The places a setting can be written in, and their order: flags, then the environment (its file first), then the configuration file, then
/// the default.
/// </summary>
internal sealed class SettingSources(
    IReadOnlyDictionary<string, string> flags, EnvironmentFile environmentFile, IReadOnlyDictionary<string, string> environment, ConfigurationFile file)
{
    private readonly List<string> _warnings = [];
    private readonly HashSet<Setting> _ignored = [];

    /// <summary>Values that were ignored, and variables nobody reads; a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>True to take what is wrong in the environment's file for an error too: a server that runs has a better value than the default.</summary>
    public bool IsReload { get; set; }

    /// <summary>What the configuration file says beside settings.</summary>
    public ConfigurationFile File => file;

    /// <summary>The environment's file.</summary>
    public EnvironmentFile EnvironmentFile => environmentFile;

    /// <summary>Settings that were written somewhere, with the place.</summary>
    public IEnumerable<(Setting Setting, SettingValue SettingValue)> Explicit =>
        SettingCatalog.All.Except(_ignored).Select(setting => (setting, Find(setting))).Where(found => found.Item2.Where is not null);

    /// <summary>The setting's text from the first place that has it.</summary>
    public SettingValue Find(Setting setting)
    {
        if (flags.TryGetValue(setting.Name, out string? text)) return new(text, setting.Flag);
        // An empty variable counts as unset: compose files and unit files cannot unset one.
        if (environmentFile.Variables.TryGetValue(setting.Variable, out text) && text.Trim() != "")
            return new(text.Trim(), $"{setting.Variable} in {environmentFile.Name}");
        if (environment.TryGetValue(setting.Variable, out text) && text.Trim() != "") return new(text.Trim(), setting.Variable);
        if (file.Find(setting) is { } inFile) return new(inFile, $"{setting.FileKey} in {file.Name}", file.LineOf(setting));
        return new(setting.Default, null);
    }

    /// <summary>True where the setting was written somewhere, and not ignored.</summary>
    public bool IsWritten(Setting setting) => Find(setting).Where is not null && !_ignored.Contains(setting);

    /// <summary>True where what was written cannot be read, and the default is used instead.</summary>
    public bool IsIgnored(Setting setting) => _ignored.Contains(setting);

    /// <summary>The setting's value.</summary>
    /// <exception cref="ConfigurationException">What was written cannot be read.</exception>
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

    /// <summary>Warns where a setting was written that another one overrides.</summary>
    public void WarnOfOverridden(Setting overridden, Setting by)
    {
        if (Find(by) is { Where: { } winner } && Find(overridden) is { Where: not null } loser)
            _warnings.Add($"{loser.Quoted} has no effect: {winner} says where to listen.");
    }

    /// <summary>Warns of variables that begin with RCOMM_ and that nobody reads.</summary>
    public void WarnOfUnknownVariables()
    {
        List<string> known = [ConfigurationFile.Variable, EnvironmentFile.Variable, .. SettingCatalog.All.Select(setting => setting.Variable)];
        foreach (string name in environment.Keys.Union(environmentFile.Variables.Keys)
            .Where(name => name.StartsWith("RCOMM_", StringComparison.Ordinal)).Except(known).Order(StringComparer.Ordinal))
            _warnings.Add($"{name} isn't an rcomm setting and is ignored.{Spelling.DidYouMean(name, known)}");
    }

    // The environment itself cannot change while the server runs, its file can.
    private bool IsForgiven(string? where, string variable) =>
        where == variable || (!IsReload && where?.StartsWith(variable, StringComparison.Ordinal) == true);
}
