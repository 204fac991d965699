using System.Text;

namespace Rcomm.Settings;

/// <summary>The settings as tables in Markdown: docs/settings.md has all of them, the README the common ones.</summary>
internal static class SettingsTable
{
    private const string Head = "| environment | flag | value | default | meaning |\n|---|---|---|---|---|\n";

    /// <summary>A heading and a table for each group.</summary>
    public static string All()
    {
        var text = new StringBuilder();
        foreach (SettingGroup group in SettingCatalog.Groups) text.Append($"## {group.Title}\n\n{Head}{Rows(group.Settings)}\n");
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>One table of the settings that most people use.</summary>
    public static string Common() => Head + Rows(SettingCatalog.All.Where(setting => setting.IsCommon));

    private static string Rows(IEnumerable<Setting> settings) => string.Concat(settings.Select(Row));

    private static string Row(Setting setting)
    {
        string flags = setting.Short is { } alias ? $"`{alias}`, `{setting.Flag}`" : $"`{setting.Flag}`";
        // A bar would end the cell, also within code.
        string value = setting.Kind.Placeholder.Replace("|", "\\|", StringComparison.Ordinal);
        return $"| `{setting.Variable}` | {flags} | `{value}` | {Default(setting)}| " +
            $"{setting.Meaning.Replace("*", "\\*", StringComparison.Ordinal)} |\n";
    }

    private static string Default(Setting setting) =>
        setting.Unset is { } unset ? unset + " " : setting.Default == "" ? "" : $"`{setting.Default}` ";
}
