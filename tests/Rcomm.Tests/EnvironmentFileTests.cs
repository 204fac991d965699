using Rcomm.Settings;

namespace Rcomm.Tests;

/// <summary>Files of variables, as systemd and shells read them.</summary>
public sealed class EnvironmentFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("A=1", "1")]
    [InlineData("export A=1", "1")]
    [InlineData("export\tA=1", "1")]
    [InlineData("  A = 1  ", "1")]
    [InlineData("\ufeffA=1\r\n", "1")]
    [InlineData("A=", "")]
    [InlineData("A=\"\"", "")]
    [InlineData("A=a b  c \t", "a b  c")]
    [InlineData("A='a b ' ", "a b ")]
    [InlineData("A=\"a b \" ", "a b ")]
    [InlineData("A='it is \\n'", "it is \\n")]
    [InlineData("A=\"say \\\"yes\\\" \\\\ \\$HOME \\`x\\` \\n\"", "say \"yes\" \\ $HOME `x` \\n")]
    [InlineData("A=$HOME", "$HOME")]
    [InlineData("A=a\\ b\\\\c\\ ", "a b\\c ")]
    [InlineData("A=don't", "don't")]
    [InlineData("A=\"a\"'b'c", "abc")]
    [InlineData("A=one\\\ntwo", "onetwo")]
    [InlineData("A=\"one\\\ntwo\nthree\"", "onetwo\nthree")]
    [InlineData("# A=1\n; A=2\n\nA=3", "3")]
    [InlineData("# continued \\\nA=4", "4")]
    [InlineData("A=1\nexport A\nexport A B", "1")]
    [InlineData("A=a=b#c", "a=b#c")]
    [InlineData("A=1\nA=2", "2")]
    public void A_value_is_read_as_systemd_and_shells_do(string text, string value)
    {
        File.WriteAllText(_path, text);

        Assert.Equal(value, EnvironmentFile.Read(_path, null).Variables["A"]);
    }

    [Theory]
    [InlineData("A=1\nRCOMM BACKLOG=5", "line 2: \"RCOMM BACKLOG\" isn't a variable")]
    [InlineData("just words", "line 1: \"just words\" isn't a variable")]
    [InlineData("A='1\n2'\n=3", "line 3: \"\" isn't a variable")]
    [InlineData("export", "line 1: \"export\" isn't a variable")]
    [InlineData("A=1\nB=\"2\nC=3", "line 2: the quote \" isn't closed")]
    public void What_is_not_a_variable_is_an_error_with_its_line(string text, string error)
    {
        File.WriteAllText(_path, text);

        Assert.Contains(error, Assert.Throws<ConfigurationException>(() => EnvironmentFile.Read(_path, null)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/absent/too")]
    public void An_optional_file_may_be_absent(string under)
    {
        Assert.Empty(EnvironmentFile.Read("-" + _path + under, null).Variables);
        Assert.Empty(EnvironmentFile.Read(null, "-" + _path + under).Variables);
    }

    [Fact]
    public void An_optional_file_that_is_there_is_read()
    {
        File.WriteAllText(_path, "A=1");

        Assert.Equal("1", EnvironmentFile.Read(null, "-" + _path).Variables["A"]);
    }

    [Fact]
    public void Any_other_file_must_be_there_and_the_error_says_how_to_make_it_optional()
    {
        string error = Assert.Throws<ConfigurationException>(() => EnvironmentFile.Read(null, _path)).Message;

        Assert.StartsWith($"RCOMM_ENV_FILE={_path}: the file does not exist", error);
        Assert.Contains($"RCOMM_ENV_FILE=-{_path}", error);
    }

    [Fact]
    public void A_folder_is_an_error_even_where_the_file_is_optional() =>
        Assert.Throws<ConfigurationException>(() => EnvironmentFile.Read(null, "-" + Path.GetTempPath()));
}
