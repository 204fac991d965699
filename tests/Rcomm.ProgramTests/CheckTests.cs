using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class CheckTests : IDisposable
{
    private readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task What_holds_is_shown_with_where_it_comes_from()
    {
        string file = Path.Combine(_site.Folder, "rcomm.json");
        await File.WriteAllTextAsync(file, """{ "$schema": "x", "port": 8080 }""");

        (int exitCode, string output, _) = await RcommProcess.RunAsync($"check {_site.Root} --config {file} --backlog 1000");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("Listening:\n", output);
        Assert.Matches(@"\n  port +8080 +port in .*rcomm\.json\n", output);
        Assert.Matches(@"(?m)^  backlog +1000 +--backlog$", output);
        Assert.DoesNotContain("shards", output);
        Assert.EndsWith("Configuration OK.", output);

        (_, output, _) = await RcommProcess.RunAsync($"check {_site.Root} --all");
        Assert.Matches(@"(?m)^  shards +1 +default$", output);
    }

    [Theory]
    [InlineData("""{ "site": { "proxy": [{ "path": "/api*", "to": ["http://127.0.0.1:1"] }] } }""")]
    [InlineData("""{ "site": { "proxy": [{ "path": "/a//b", "to": ["http://127.0.0.1:1"] }] }, "documentRoot": "." }""")]
    [InlineData("""{ "site": { "proxy": [{ "path": "/a", "to": ["http://127.0.0.1:1"], "health": "a b" }] } }""")]
    [InlineData("""{ "hosts": [{ "names": ["xn--bcher-kva.example"], "documentRoot": ".", "proxy": [""" +
        """{ "path": "/*", "to": ["http://127.0.0.1:1"] }] }], "documentRoot": "." }""")]
    [InlineData("""{ "documentRoot": "" }""")]
    [InlineData("""{ "documentRoot": ".", "accessLog": "/nonexistent/folder/access.log" }""")]
    [InlineData("""{ "accessLog": "/dev/null", "documentRoot": "." }""")]
    public async Task What_check_says_is_what_the_start_does(string json)
    {
        string file = Path.Combine(_site.Folder, "my.json");
        await File.WriteAllTextAsync(file, json);

        (int checkedCode, string output, string errors) = await RcommProcess.RunAsync($"check --config {file} --json");
        await using RcommProcess server = RcommProcess.Start($"serve --port 0 --config {file}", _site.Root, []);

        if (JsonDocument.Parse(output).RootElement.GetProperty("valid").GetBoolean())
        {
            await server.ListeningLineAsync();
        }
        else
        {
            Assert.Equal(2, checkedCode);
            Assert.Equal(2, await server.ExitCodeAsync());
            Assert.Contains("my.json, line 1", server.Errors);
        }
        Assert.DoesNotContain("   at ", errors + server.Errors);
    }

    [Fact]
    public async Task A_warning_is_neither_OK_nor_a_failure_to_start()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_site.Folder, "empty")).FullName;

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync($"check {empty}");

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("OK", output);
        Assert.EndsWith("The server would start, with 1 warning.", output);
        Assert.Contains($"document root {empty}: empty. Try: put a page.html or an index.html into {empty}", errors);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    public async Task Completions_are_a_script_that_the_shell_understands(string shell)
    {
        (int exitCode, string output, _) = await RcommProcess.RunAsync($"completions {shell}");
        Assert.Equal(0, exitCode);

        await using RcommProcess bash = RcommProcess.StartScript("source <(\"$0\" completions bash); COMP_WORDS=(rcomm qu); COMP_CWORD=1; _rcomm; " +
            "echo \"completed ${COMPREPLY[*]}\"; COMP_WORDS=(rcomm serve --backl); COMP_CWORD=2; _rcomm; echo \"completed ${COMPREPLY[*]}\"; " +
            "COMP_WORDS=(rcomm serve --overload rej); COMP_CWORD=3; _rcomm; echo \"completed ${COMPREPLY[*]}\"; cd /; " +
            "COMP_WORDS=(rcomm serve us); COMP_CWORD=2; _rcomm; echo \"completed ${COMPREPLY[*]}\"");
        await bash.OutputLineAsync("completed queues");
        await bash.OutputLineAsync("completed reject");
        await bash.OutputLineAsync("completed usr");
        await bash.OutputLineAsync("completed --backlog");
        Assert.Contains("complete -o filenames -F _rcomm rcomm", output);
    }
}
