using System.Text;

namespace Rcomm.Settings;

/// <summary>The settings as Markdown tables: all of them for docs/settings.md, the common ones for the README.</summary>
internal static class SettingsTable
{
    private const string Head = "| environment | flag | value | default | meaning |\n|---|---|---|---|---|\n";

    /// <summary>Returns a heading and a table for each group.</summary>
    public static string All()
    {
        var text = new StringBuilder();
        foreach (SettingGroup group in SettingCatalog.Groups) text.Append($"## {group.Title}\n\n{Head}{Rows(group.Settings)}\n");
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Returns one table of the common settings.</summary>
    public static string Common() => Head + Rows(SettingCatalog.All.Where(setting => setting.IsCommon));

    private static string Rows(IEnumerable<Setting> settings) => string.Concat(settings.Select(Row));

    private static string Row(Setting setting)
    {
        string flags = setting.Short is { } alias ? $"`{alias}`, `{setting.Flag}`" : $"`{setting.Flag}`";
        // A bar would end the cell, even inside code.
        string value = setting.Kind.Placeholder.Replace("|", "\\|", StringComparison.Ordinal);
        return $"| `{setting.Variable}` | {flags} | `{value}` | {Default(setting)}| " +
            $"{setting.Meaning.Replace("*", "\\*", StringComparison.Ordinal)} |\n";
    }

    private static string Default(Setting setting) =>
        setting.Unset is { } unset ? unset + " " : setting.Default == "" ? "" : $"`{setting.Default}` ";
}
