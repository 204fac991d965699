using System.Text.RegularExpressions;
using Rcomm.Cli;

namespace Rcomm.Tests;

/// <summary>The docs list what the code contains.</summary>
public sealed partial class DocsTests
{
    private static readonly string Sources =
        string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Fact]
    public void Every_log_event_has_a_number_of_its_own_and_a_row()
    {
        List<int> events = [.. EventPattern().Matches(Sources).Select(found => int.Parse(found.Groups[1].Value)).Order()];
        List<int> rows = [.. RowPattern().Matches(Doc("log.md")).Select(found => int.Parse(found.Groups[1].Value)).Order()];

        Assert.NotEmpty(events);
        Assert.Equal(events.Distinct(), events);
        Assert.Equal(events, rows);
    }

    [Fact]
    public void Every_metric_has_a_row()
    {
        IEnumerable<string> metrics = MetricPattern().Matches(Sources).Select(found => found.Groups[1].Value)
            .Where(name => name is not ("rcomm.shard" or "rcomm.json" or "rcomm.container" or "rcomm.network_namespace")).Distinct().Order();
        IEnumerable<string> rows = MetricRowPattern().Matches(Doc("metrics.md")).Select(found => found.Groups[1].Value).Order();

        Assert.Equal(metrics, rows);
    }

    [Fact]
    public void Every_option_of_an_application_has_a_row_and_is_named_where_one_is_misspelt()
    {
        string code = File.ReadAllText(Path.Combine(Repository.Root, "src", "Rcomm.Kestrel", "ListenQueueConfiguration.cs"));
        IEnumerable<string> options = OptionPattern().Matches(code).Select(found => found.Groups[1].Value).Order();
        IEnumerable<string> rows = Doc("aspnetcore.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Split('(')[0]);

        Assert.NotEmpty(options);
        Assert.Equal(options, Names(string.Join(' ', rows)));
        Assert.Equal(options, Names(HintPattern().Match(BrokenString().Replace(code, "")).Groups[1].Value.Replace(" and ", " ")));
    }

    [Fact]
    public void The_exit_codes_are_those_of_the_code()
    {
        string line = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Single(line => line.StartsWith("Exit codes:", StringComparison.Ordinal));

        Assert.Contains($" {ExitCodes.Fine} success,", line);
        Assert.Contains($" {ExitCodes.Failed} failure ", line);
        Assert.Contains($" {ExitCodes.WrongConfiguration} the command line or the configuration is invalid", line);
        Assert.Equal(3, typeof(ExitCodes).GetFields().Length);
    }

    [Fact]
    public void The_rotation_of_logs_is_the_one_that_is_installed() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "etc", "logrotate")), Doc("log.md"));

    [Fact]
    public void Every_page_that_is_linked_is_there()
    {
        foreach (string page in (string[])[.. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md"),
            Path.Combine(Repository.Root, "README.md"), Path.Combine(Repository.Root, "CONTRIBUTING.md")])
            foreach (Match link in LinkPattern().Matches(File.ReadAllText(page)))
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value)), $"{page}: {link.Groups[1].Value}");
    }

    [Fact]
    public void A_yes_in_the_features_names_a_test_that_is_there()
    {
        List<string> tests = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)!)];
        foreach (string row in Doc("features.md").Split('\n').Where(line => line.StartsWith('|')).Skip(2))
        {
            string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
            if (cells[2] == "no") continue;
            Assert.All(cells[7].Split(", "), test => Assert.Contains(test, tests));
        }
    }

    private static IEnumerable<string> Names(string text) => WordPattern().Matches(text).Select(found => found.Value.ToUpperInvariant()).Order();

    private static string Doc(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", name));

    [GeneratedRegex(@"LoggerMessage\((\d+),")]
    private static partial Regex EventPattern();

    [GeneratedRegex("case \"([A-Z]+)\":")]
    private static partial Regex OptionPattern();

    [GeneratedRegex("there are ([^)]+)\"\\)")]
    private static partial Regex HintPattern();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"(?m)^\| (\d+) \|")]
    private static partial Regex RowPattern();

    [GeneratedRegex("\"(rcomm\\.[a-z_.]+)\"")]
    private static partial Regex MetricPattern();

    [GeneratedRegex(@"(?m)^\| `(rcomm\.[a-z_.]+)` \|")]
    private static partial Regex MetricRowPattern();

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"""\s*\+\s*""")]
    private static partial Regex BrokenString();
}
