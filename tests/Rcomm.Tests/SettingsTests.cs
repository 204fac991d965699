using Rcomm.Settings;


namespace Rcomm.Tests;

public sealed class SettingsTests
{
    public static TheoryData<string> Names => [.. SettingCatalog.All.Select(setting => setting.Name)];

    [Fact]
    public void Every_setting_is_declared_once_and_in_a_group()
    {
        Assert.Equal(SettingCatalog.All.Select(setting => setting.Name).Distinct(), SettingCatalog.All.Select(setting => setting.Name));
        Assert.Equal(SettingCatalog.All.Count, SettingCatalog.Groups.Sum(group => group.Settings.Count));
        Assert.All(SettingCatalog.Groups, group => Assert.NotEmpty(group.Settings));
        Assert.Equal(typeof(SettingGroup).Assembly.GetTypes().Count(type => type.GetField("Group")?.FieldType == typeof(SettingGroup)),
            SettingCatalog.Groups.Count);
    }

    [Fact]
    public void Every_kind_of_value_says_what_to_write() =>
        Assert.All(SettingCatalog.All, setting => Assert.Matches(@"^(<[A-Z]+>|[a-z0-9.]+)([|,].*)?$", setting.Kind.Placeholder));

    [Fact]
    public void The_short_help_has_about_ten_settings() => Assert.InRange(SettingCatalog.All.Count(setting => setting.IsCommon), 8, 12);

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

    [Theory]
    [InlineData("README.md", "common")]
    [InlineData("docs/settings.md", "all")]
    public void The_docs_have_the_settings_of_the_code(string page, string which)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page)), begin = $"<!-- begin: rcomm check --markdown={which} -->\n", end = "<!-- end -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        string expected = which == "common" ? SettingsTable.Common() : SettingsTable.All();

        Assert.True(expected == text[from..text.IndexOf(end, from, StringComparison.Ordinal)], $"{page} has other settings than the code: run docs/generate");
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
    [InlineData("RCOMM_HOST", "")]
    public void A_misspelt_name_gets_the_nearest_known_one(string name, string hint) =>
        Assert.Equal(hint, Spelling.DidYouMean(name, SettingCatalog.All.Select(setting => setting.Variable)));

    [Theory]
    [InlineData("--prot", " Did you mean --port?")]
    [InlineData("--backlogs", " Did you mean --backlog?")]
    [InlineData("--cert", " Did you mean --tls-certificate?")]
    [InlineData("--max-conn", " Did you mean --max-connections?")]
    [InlineData("--tls-k", " Did you mean --tls-key?")]
    [InlineData("--access", " Did you mean --access-log or --access-log-format?")]
    [InlineData("--workers", "")]
    public void A_misspelt_or_shortened_option_gets_those_that_it_may_have_been(string name, string hint) =>
        Assert.Equal(hint, Spelling.DidYouMean(name, SettingCatalog.All.Select(setting => setting.Flag)));

    [Theory]
    [InlineData("shutdown-timeout")]
    [InlineData("drain-delay")]
    [InlineData("idle-timeout")]
    public void A_time_that_no_timer_takes_is_refused(string name)
    {
        var setting = (Setting<TimeSpan>)SettingCatalog.All.Single(one => one.Name == name);

        Assert.Equal(TimeSpan.FromDays(10), setting.Read("10d"));
        Assert.Equal("the maximum is 10d", Assert.Throws<FormatException>(() => setting.Read("60d")).Message);
    }
}
