using Rcomm.Settings;


namespace Rcomm.Tests;

public sealed class SettingsTests
{
    public static TheoryData<string> Names => [.. SettingCatalog.All.Select(setting => setting.Name)];

    [Fact]
    public void Every_setting_stands_in_the_table_once() =>
        Assert.Equal(
            typeof(SettingCatalog).GetFields().Select(field => ((Setting)field.GetValue(null)!).Name).Order(),
            SettingCatalog.All.Select(setting => setting.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_default_can_be_read(string name)
    {
        var sources = new SettingSources(new Dictionary<string, string>(), EnvironmentFile.None, new Dictionary<string, string>(), ConfigurationFile.None);
        Setting setting = SettingCatalog.All.Single(setting => setting.Name == name);

        typeof(SettingSources).GetMethod(nameof(SettingSources.Read))!
            .MakeGenericMethod(setting.GetType().GenericTypeArguments)
            .Invoke(sources, [setting]);

        Assert.Empty(sources.Warnings);
    }

    [Fact]
    public void The_README_lists_every_setting_with_its_default()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        foreach (Setting setting in SettingCatalog.All)
        {
            string row = $"| `{setting.Variable}` | `{setting.Flag}` | {(setting.Default == "" ? "" : $"`{setting.Default}`")} |";
            Assert.Contains(row.Replace("|  |", "| |"), readme);
        }
    }

    [Theory]
    [InlineData("document-root", "RCOMM_DOCUMENT_ROOT", "documentRoot")]
    [InlineData("backlog", "RCOMM_BACKLOG", "backlog")]
    public void The_names_of_a_setting_follow_from_one(string name, string variable, string fileKey)
    {
        Setting setting = SettingCatalog.All.Single(setting => setting.Name == name);

        Assert.Equal(variable, setting.Variable);
        Assert.Equal(fileKey, setting.FileKey);
    }

    [Theory]
    [InlineData("RCOMM_BACKLGO", " Did you mean RCOMM_BACKLOG?")]
    [InlineData("RCOMM_PROT", " Did you mean RCOMM_PORT?")]
    [InlineData("RCOMM_SOMETHING_ELSE_ENTIRELY", "")]
    public void A_misspelt_name_gets_the_nearest_known_one(string name, string hint) =>
        Assert.Equal(hint, Spelling.DidYouMean(name, SettingCatalog.All.Select(setting => setting.Variable)));
}
