using System.Text.Json;

namespace Rcomm.ProgramTests;

public sealed class LogTests : IDisposable
{
    private const string Request = "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private readonly SampleSite _site = new();

    [Fact]
    public async Task The_access_log_goes_to_a_file_that_is_opened_anew_on_SIGUSR1()
    {
        string file = Path.Combine(_site.Folder, "access.log");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --access-log {file} --access-log-format common");
        await server.RawAsync(Request);
        await UntilAsync(() => LinesOf(file).Length == 1);
        File.Move(file, file + ".1");

        server.Signal(Signals.SIGUSR1);
        await UntilAsync(() => File.Exists(file));
        await server.RawAsync(Request);

        await UntilAsync(() => LinesOf(file).Length == 1);
        Assert.Matches(@"^127\.0\.0\.1 - - \[.*\] ""GET /style\.css HTTP/1\.1"" 200 18$", LinesOf(file)[0]);
        Assert.Single(LinesOf(file + ".1"));
        Assert.DoesNotContain("style.css", server.Output);
    }

    [Fact]
    public async Task Lines_go_to_the_end_of_the_file_although_another_process_has_moved_it()
    {
        string file = Path.Combine(_site.Folder, "access.log");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --access-log {file}");
        await server.RawAsync(Request);
        await UntilAsync(() => LinesOf(file).Length == 1);

        await File.AppendAllTextAsync(file, "another's line\n");
        await server.RawAsync(Request);
        await UntilAsync(() => LinesOf(file).Length == 3);
        Assert.Equal("another's line", LinesOf(file)[1]);

        using (FileStream truncated = new(file, FileMode.Open)) truncated.SetLength(0);
        await server.RawAsync(Request);
        await UntilAsync(() => LinesOf(file).Length == 1);
        Assert.DoesNotContain('\0', LinesOf(file)[0]);
    }

    [Fact]
    public async Task The_access_log_can_go_to_standard_output_and_a_file_as_JSON_with_the_id_that_the_client_was_told()
    {
        string file = Path.Combine(_site.Folder, "access.log");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --access-log on,{file} --access-log-format json --request-id");

        string answer = await server.RawAsync(Request);

        string line = await server.OutputLineAsync("\"target\":\"/style.css\"");
        await UntilAsync(() => LinesOf(file).Contains(line));
        string? id = JsonDocument.Parse(line).RootElement.GetProperty("requestId").GetString();
        Assert.Contains($"X-Request-Id: {id}\r\n", answer);
    }

    [Fact]
    public async Task Quiet_says_only_what_is_wrong()
    {
        string socket = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = RcommProcess.Start($"serve {_site.Root} --listen unix:{socket} --quiet --access-log off", "RCOMM_BAKLOG=1");
        await server.ErrorLineAsync("Did you mean RCOMM_BACKLOG?");
        await UntilAsync(() => File.Exists(socket));
        server.Signal(Signals.SIGTERM);

        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Equal("", server.Output);
    }

    [Fact]
    public async Task A_log_file_that_cannot_be_opened_stops_the_start_with_a_sentence()
    {
        (int exitCode, _, string errors) = await RcommProcess.RunAsync($"serve {_site.Root} --port 0 --access-log {_site.Folder}/nowhere/access.log");

        Assert.Equal(1, exitCode);
        Assert.Contains("nowhere", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    public void Dispose() => _site.Dispose();

    private static string[] LinesOf(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!condition()) await Task.Delay(10, limit.Token);
    }
}
