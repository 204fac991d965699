using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rcomm.ProgramTests;

public sealed class LogTests : IDisposable
{
    private const string Request = "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private readonly SampleSite _site = new();

    [Fact]
    public async Task The_access_log_goes_to_a_file_that_is_reopened_on_SIGUSR1()
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

    [Theory]
    [InlineData("line")]
    [InlineData("common")]
    [InlineData("combined")]
    [InlineData("json")]
    public async Task The_fast_path_writes_the_lines_that_Kestrels_path_writes(string format)
    {
        const string request = "GET /style.css HTTP/1.1\r\nHost: x\r\nUser-Agent: agent/1\r\nReferer: http://x/\r\n\r\n";
        List<string> all = [];
        foreach (string path in (string[])["off", "on"])
        {
            string file = Path.Combine(_site.Folder, $"{path}.log");
            await using RcommProcess server = await RcommProcess.ServeAsync(
                $"{_site.Root} --access-log {file} --access-log-format {format} --fast-path {path}");
            foreach (string one in (string[])[request, request + request, request.Replace("GET", "HEAD", StringComparison.Ordinal)])
                await server.RawAsync(one + Request);
            await UntilAsync(() => LinesOf(file).Length == 7);
            all.AddRange(LinesOf(file));
        }
        // Everything except the times and the request id.
        const string changing = @"[\d-]+T[\d:.]+Z|\[.*?\]|[\d.]+ms|""durationMs"":[\d.]+|""requestId"":""[^""]+""";
        List<string> lines = [.. all.Select(line => Regex.Replace(line, changing, "*"))];
        Assert.Equal(lines[..7], lines[7..]);
        Assert.All(lines, line => Assert.Contains("*", line));
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
    public async Task With_a_JSON_access_log_everything_on_standard_output_is_JSON_and_with_a_JSON_log_everything_on_standard_error()
    {
        await using RcommProcess server = RcommProcess.Start($"serve {_site.Root} --port 0 --access-log-format json --log-format json");
        string serving = await server.ErrorLineAsync("\"Serving ");
        Assert.Equal("info", JsonDocument.Parse(serving).RootElement.GetProperty("level").GetString());
        using var http = new HttpClient();
        await http.GetStringAsync($"http://127.0.0.1:{Between(await server.ErrorLineAsync("Listening on "), "Listening on 127.0.0.1:", " ")}/");
        await server.OutputLineAsync("\"target\":\"/\"");
        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());

        Assert.All((server.Output + "\n" + server.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).Dispose());
        Assert.Contains("Stopped. Every request was answered.", server.Errors);
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "--log-level debug")]
    public async Task An_output_that_nobody_reads_holds_up_no_request_and_no_stop(int descriptor, string arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux opens a FIFO for reading and writing at once");
        string fifo = Path.Combine(_site.Folder, "fifo"), socket = Path.Combine(_site.Folder, "http.sock");
        await using RcommProcess server = RcommProcess.StartScript(
            $"mkfifo {fifo}; exec {descriptor}<>{fifo}; exec \"$0\" serve {_site.Root} --listen unix:{socket} {arguments}");
        await UntilAsync(() => File.Exists(socket) && CanConnect(socket));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                return new NetworkStream(connection, ownsSocket: true);
            },
        }) { Timeout = RcommProcess.WaitTimeout };

        // More than a pipe holds.
        for (int i = 0; i < 300; i++) await http.GetStringAsync("http://x/?" + new string('q', 500));

        server.Signal(Signals.SIGTERM);
        Assert.Equal(0, await server.ExitCodeAsync());
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

        Assert.Equal(2, exitCode);
        Assert.Contains($"--access-log={_site.Folder}/nowhere/access.log: the folder {_site.Folder}/nowhere doesn't exist. Create it", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    public void Dispose() => _site.Dispose();

    private static bool CanConnect(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Between(string text, string start, string end) => text.Split(start)[1].Split(end)[0];

    private static string[] LinesOf(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (!condition()) await Task.Delay(10, limit.Token);
    }
}
