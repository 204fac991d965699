namespace Rcomm.Settings;

/// <summary>Settings on one subject, in the order in which help and docs show them.</summary>
internal sealed class SettingGroup(string title)
{
    private readonly List<Setting> _settings = [];

    public string Title => title;

    public IReadOnlyList<Setting> Settings => _settings;

    public void Add(Setting setting) => _settings.Add(setting);
}
