using System.CommandLine;
using Rcomm.Cli;
using Rcomm.Cli.Completions;
using Rcomm.Cli.Help;
using Rcomm.Settings;

namespace Rcomm.Tests;

public sealed class CommandLineTests
{
    private static readonly RootCommand Root = CommandLine.Create();
    private static readonly string[] Names = [.. Root.Subcommands.Select(command => command.Name)];


    public static TheoryData<string> Commands => ["", .. Names];


    [Theory]
    [InlineData("", "serve")]
    [InlineData("--port 80", "serve --port 80")]
    [InlineData("./dist --port 80", "serve ./dist --port 80")]
    [InlineData("../dist", "serve ../dist")]
    [InlineData(".", "serve .")]
    [InlineData("queues --watch", "queues --watch")]
    [InlineData("help", "--help")]
    [InlineData("help queues", "queues --help")]
    [InlineData("version", "--version")]
    [InlineData("-V", "-V")]
    [InlineData("--help-all", "--help-all")]
    public void A_command_line_has_a_command(string written, string meant) => Assert.Equal(meant, string.Join(' ', FirstWord.Resolve(Words(written), Names)));

    [Theory]
    [InlineData("queue", "Unknown command \"queue\". Did you mean \"queues\"?")]
    [InlineData("queus", "Did you mean \"queues\"?")]
    [InlineData("server", "Did you mean \"serve\"?")]
    [InlineData("nonsense queues", "Unknown command \"nonsense\".")]
    [InlineData("8080", "Write rcomm -p 8080.")]
    [InlineData("help queus", "Did you mean \"queues\"?")]
    [InlineData("--port 80 queues", "Write the command first: rcomm queues --port 80")]
    public void A_first_word_that_means_nothing_is_named(string written, string said) =>
        Assert.Contains(said, Assert.Throws<ConfigurationException>(() => FirstWord.Resolve(Words(written), Names)).Message);

    [Theory]
    [InlineData("--spa ./dist", "--spa=on ./dist")]
    [InlineData("--spa", "--spa=on")]
    [InlineData("--spa off ./dist", "--spa off ./dist")]
    [InlineData("www --listing --port 80", "www --listing=on --port 80")]
    [InlineData("-- --spa www", "-- --spa www")]
    [InlineData("--access-log x.log", "--access-log x.log")]
    public void A_switch_may_stand_alone_before_another_word(string written, string meant) =>
        Assert.Equal(meant, string.Join(' ', SwitchWords.Complete(Words(written))));

    [Theory]
    [InlineData("serve --prot 80", "Unknown option --prot. Did you mean --port?")]
    [InlineData("serve -x", "Unknown option -x.")]
    [InlineData("status --backlog 5", "Unknown option --backlog.")]
    [InlineData("queues ./pages", "\"./pages\" isn't expected here.")]
    [InlineData("backlog", "N is missing: a whole number from 0")]
    [InlineData("backlog", "Write e.g. rcomm backlog 512.")]
    [InlineData("completions", "Write e.g. rcomm completions bash.")]
    [InlineData("queues --port", "--port needs a value: --port <PORT>, show only the sockets on this TCP port.")]
    [InlineData("serve -p 80 -p 81", "--port is given twice (80, 81); give it once.")]
    public void A_mistake_is_named_with_what_to_type(string written, string said) => Assert.Contains(said, Mistake(written));

    [Theory]
    [InlineData("serve -p 80 -b max ./pages")]
    [InlineData("serve -p80")]
    [InlineData("serve --env-file -/etc/rcomm.env")]
    [InlineData("serve --config=x.json --listen :80 --listen unix:/x")]
    public void A_right_command_line_has_no_mistake(string written) => Assert.Null(Mistake(written));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_fits_a_terminal_of_80_columns(string name)
    {
        Command command = name == "" ? Root : Root.Subcommands.Single(one => one.Name == name);

        foreach (string text in (string[])[HelpText.Of(Root, command), HelpText.All(Root, command)])
            Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80 && line == line.TrimEnd(), $"\"{line}\""));
    }

    [Fact]
    public void The_short_help_fits_two_screens_and_the_long_one_has_every_setting()
    {
        Assert.InRange(HelpText.Of(Root, Root).Split('\n').Length, 20, 60);
        string all = HelpText.All(Root, Root);
        Assert.All(SettingCatalog.All.Where(setting => setting.Argument is null), setting => Assert.Contains(setting.Flag + " ", all));
        Assert.All(SettingCatalog.Groups, group => Assert.Contains($"\n{group.Title}:\n", all));
        Assert.Contains("--overload wait|reject", all);
    }

    [Theory]
    [InlineData("check", "--schema", "--backlog")]
    [InlineData("doctor", "--json", "--backlog")]
    [InlineData("proxy", "UPSTREAM", "--backlog")]
    public void What_is_a_commands_own_comes_first(string name, string own, string setting)
    {
        string help = HelpText.Of(Root, Root.Subcommands.Single(one => one.Name == name));

        Assert.InRange(help.IndexOf(own, StringComparison.Ordinal), 0, help.IndexOf(setting, StringComparison.Ordinal));
    }

    [Fact]
    public void Completions_have_values_as_they_are_typed()
    {
        foreach (string script in (string[])[BashCompletion.Script(Root), BashCompletion.Zsh(Root), FishCompletion.Script(Root),
            PowerShellCompletion.Script(Root)])
        {
            Assert.Contains("fill", script);
            Assert.DoesNotContain("Fill", script);
        }
    }

    [Fact]
    public void Completions_have_the_values_of_every_setting()
    {
        foreach (string script in (string[])[BashCompletion.Script(Root), FishCompletion.Script(Root), PowerShellCompletion.Script(Root)])
        {
            Assert.Contains("overload", script);
            Assert.Matches("reject'?[, ]+'?wait", script);
            Assert.Contains("powershell", script);
        }
    }

    private static string[] Words(string written) => written.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string? Mistake(string written) => CommandLineMistake.In(Root.Parse(Words(written)), Words(written));
}
