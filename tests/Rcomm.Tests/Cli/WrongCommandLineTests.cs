namespace Rcomm.Tests.Cli;

/// <summary>Settings, files and flags that are wrong are named, and end the command with 2.</summary>
public sealed class WrongCommandLineTests : IDisposable
{
    private readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("--backlog -1", "--backlog=-1")]
    [InlineData("--backlog many", "--backlog=many")]
    [InlineData("--backlog 2147483648", "--backlog=2147483648")]
    [InlineData("--port 65536", "--port=65536")]
    [InlineData("--address example.com", "--address=example.com")]
    [InlineData("--listen 127.0.0.1", "--listen=127.0.0.1")]
    [InlineData("--shutdown-timeout 30x", "--shutdown-timeout=30x")]
    [InlineData("--backlg 5", "Did you mean --backlog?")]
    [InlineData("--no-such-flag", "Unknown option --no-such-flag. `rcomm serve --help` lists the options.")]
    [InlineData("one two", "two")]
    [InlineData("--config /missing.json", "--config=/missing.json")]
    [InlineData("/missing/root", "ROOT=/missing/root")]
    public async Task A_wrong_command_line_is_named_and_ends_with_2(string arguments, string named)
    {
        (string output, string errors) = await CommandRun.RefusedAsync("serve " + arguments);

        Assert.Contains(named, errors);
        Assert.Equal("", output);
    }

    [Theory]
    [InlineData("""{ "backlog": -5 }""", "backlog in ")]
    [InlineData("""{ "backlogg": 5 }""", "Did you mean backlog?")]
    [InlineData("""{ "backlog": 5 """, "line 1, column 16: this isn't valid JSON")]
    public async Task A_wrong_file_is_named_and_ends_with_2(string json, string said)
    {
        string file = Path.Combine(_site.Folder, "my.json");
        File.WriteAllText(file, json);
        (_, string errors) = await CommandRun.RefusedAsync($"{_site.Root} --config {file}");

        Assert.Contains(said, errors);
        Assert.Contains("my.json", errors);
    }

    [Theory]
    [InlineData("--allow 10.0.0.0/99", "--allow=10.0.0.0/99: 10.0.0.0/99 isn't a valid network")]
    [InlineData("--cors app.example.com", "app.example.com isn't a valid origin; write * or the scheme and the host only")]
    [InlineData("--cors https://app.example.com/", "https://app.example.com/ isn't a valid origin")]
    [InlineData("--htpasswd nowhere", "--htpasswd=nowhere: Could not find file")]
    [InlineData("--max-headers 0", "--max-headers=0: write a whole number from 1")]
    public async Task A_wrong_value_is_told_with_what_to_write(string arguments, string error)
    {
        (_, string errors) = await CommandRun.RefusedAsync($"serve --port 0 {_site.Root} {arguments}");

        Assert.Contains(error, errors);
    }

    [Theory]
    [InlineData("bob:$2y$05$9RzbjYiDcuacqqSPzXQtsuykAHQn", "line 1 isn't NAME:HASH")]
    [InlineData("bob:$2y$99$9RzbjYiDcuacqqSPzXQtsuykAHQn.iKskMldRNAVnCgvwnkQ9EE.y", "(cost 4 to 17)")]
    [InlineData("# nobody", "no user could log in")]
    public async Task A_password_file_that_nobody_could_log_in_with_is_refused(string line, string error)
    {
        string file = Path.Combine(_site.Folder, "htpasswd");
        await File.WriteAllTextAsync(file, line + "\n");

        (_, string errors) = await CommandRun.RefusedAsync($"serve --port 0 {_site.Root} --htpasswd {file}");

        Assert.Contains(error, errors);
    }

    [Theory]
    [InlineData("--port 99999", "--port=99999")]
    [InlineData("--tls-certificate nowhere.pem", "nowhere.pem: there is no such file")]
    [InlineData("--config nowhere.json", "there is no such file")]
    public async Task A_check_tells_what_is_wrong_and_nothing_is_opened(string arguments, string error)
    {
        (string output, string errors) = await CommandRun.RefusedAsync($"check {_site.Root} {arguments}");

        Assert.Contains(error, errors);
        Assert.DoesNotContain("Listening", output);
    }

    [Theory]
    [InlineData("queues --port x", "--port=x")]
    [InlineData("queues --port 0", "--port=0")]
    [InlineData("queues --no-such", "--no-such")]
    [InlineData("doctor --backlog x", "--backlog=x")]
    public async Task A_wrong_flag_ends_with_2(string arguments, string named)
    {
        (_, string errors) = await CommandRun.RefusedAsync(arguments);

        Assert.Contains(named, errors);
    }

    [Theory]
    [InlineData("queues --sort size", "--sort=size")]
    [InlineData("queues --interval 1ms", "--interval=1ms")]
    [InlineData("queues --interval soon", "--interval=soon")]
    public async Task A_wrong_value_ends_with_2(string arguments, string named)
    {
        (_, string errors) = await CommandRun.RefusedAsync(arguments);

        Assert.Contains(named, errors);
    }
}
