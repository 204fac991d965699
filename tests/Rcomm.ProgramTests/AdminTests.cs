using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Rcomm.Listening.Tests;

namespace Rcomm.ProgramTests;

public sealed class AdminTests : IDisposable
{
    private readonly SampleSite _site = new();
    private readonly HttpClient _http = new() { Timeout = RcommProcess.WaitTimeout };

    [Fact]
    public async Task A_burst_that_overflows_shows_up_everywhere_with_the_same_number()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --backlog 8 --admin 127.0.0.1:0");
        Uri admin = await AdminOfAsync(server);
        await server.PauseAsync();
        // The server doesn't accept while it is stopped: nine connections wait, and the others were dropped.
        using var clients = new WaitingClients(server.Port, 40);
        clients.GiveUp();
        JsonElement queue = await QueueAsync(server.Port);
        Assert.Equal(9, queue.GetProperty("depth").GetInt32());
        long drops = queue.GetProperty("drops").GetInt64();
        Assert.True(drops >= 31);
        server.Resume();

        string line = await server.ErrorLineAsync("listen queue full");

        Assert.Matches(
            $@"warning: 127\.0\.0\.1:{server.Port}: listen queue full: {drops} connections dropped in 1 s \(peak 9 of 8\)\. " +
            @"A backlog of \d+ would have held this burst; set RCOMM_BACKLOG=\d+\.$", line);
        JsonElement status = await StatusAsync(admin);
        Assert.Equal(drops, status.GetProperty("drops").GetInt64());
        Assert.Equal(9, status.GetProperty("peak").GetInt32());
        Assert.Contains("would have held this burst", status.GetProperty("advice").GetString());
        Assert.Matches($"rcomm_listen_queue_drops_total{{.*server_port=\"{server.Port}\".*}} {drops}",
            await _http.GetStringAsync(new Uri(admin, "metrics")));
    }

    [Fact]
    public async Task Health_and_readiness_answer_and_readiness_fails_while_draining()
    {
        _site.Write("large.txt", new string('x', 20_000_000));
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --admin 127.0.0.1:0");
        Uri admin = await AdminOfAsync(server);
        Assert.Equal("ok\n", await _http.GetStringAsync(new Uri(admin, "healthz")));
        Assert.Equal("ready\n", await _http.GetStringAsync(new Uri(admin, "readyz")));
        using Socket busy = await server.ConnectAsync();
        await busy.SendAsync("GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal(1, await busy.ReceiveAsync(new byte[1]));

        server.Signal(Signals.SIGTERM);
        await server.ErrorLineAsync("SIGTERM: draining");

        using HttpResponseMessage answer = await _http.GetAsync(new Uri(admin, "readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("draining", await answer.Content.ReadAsStringAsync());
        Assert.Equal("ok\n", await _http.GetStringAsync(new Uri(admin, "healthz")));
        await RcommProcess.ReadToEndAsync(busy);
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [Fact]
    public async Task The_live_page_and_its_events_come_from_the_admin_address_alone()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --admin 127.0.0.1:0");
        Uri admin = await AdminOfAsync(server);

        Assert.Contains("EventSource", await _http.GetStringAsync(admin));
        using Stream events = await _http.GetStreamAsync(new Uri(admin, "live"));
        using var reader = new StreamReader(events);
        string? first = await reader.ReadLineAsync();
        Assert.StartsWith("data: {", first);
        Assert.Contains($"127.0.0.1:{server.Port}", first);
        using HttpResponseMessage onSite = await _http.GetAsync(new Uri(server.Url, "status.json"));
        Assert.Equal(HttpStatusCode.NotFound, onSite.StatusCode);
    }

    [Fact]
    public async Task Status_names_each_setting_and_where_it_comes_from()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root + " --admin 127.0.0.1:0", "RCOMM_BACKLOG=77");
        JsonElement status = JsonDocument.Parse(await _http.GetStringAsync(new Uri(await AdminOfAsync(server), "status.json"))).RootElement;

        JsonElement backlog = status.GetProperty("settings").EnumerateArray().Single(setting => setting.GetProperty("name").GetString() == "backlog");
        Assert.Equal(("77", "RCOMM_BACKLOG"), (backlog.GetProperty("value").GetString(), backlog.GetProperty("from").GetString()));
    }

    [Fact]
    public async Task The_pages_are_read_only_and_only_under_a_name_of_this_server_but_probes_by_everybody()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --admin-hosts metrics.example.com");
        Uri admin = await AdminOfAsync(server);

        Assert.Equal((421, 421, 421, 200, 200, 200), (await StatusOfAsync("status.json", "evil.example"),
            await StatusOfAsync("metrics", "evil.example:80"), await StatusOfAsync("", "127.0.0.1.evil.example"),
            await StatusOfAsync("status.json", "localhost:1"), await StatusOfAsync("metrics", "metrics.example.com"),
            await StatusOfAsync("readyz", "evil.example")));
        foreach (string method in (string[])["POST", "PUT", "DELETE", "OPTIONS"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(admin, "metrics"));
            using HttpResponseMessage answer = await _http.SendAsync(request);
            Assert.Equal(405, (int)answer.StatusCode);
        }

        async Task<int> StatusOfAsync(string path, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(admin, path)) { Headers = { Host = host } };
            using HttpResponseMessage answer = await _http.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task With_a_token_the_pages_are_for_who_has_it()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --admin-token sesame");
        Uri admin = await AdminOfAsync(server);

        Assert.Equal((401, 401, 200, 200, 200), (await StatusOfAsync("status.json", null), await StatusOfAsync("metrics", new("Bearer", "sesam")),
            await StatusOfAsync("metrics", new("Bearer", "sesame")),
            await StatusOfAsync("", new("Basic", Convert.ToBase64String("me:sesame"u8))), await StatusOfAsync("healthz", null)));
        Assert.DoesNotContain("sesame", server.Errors);

        async Task<int> StatusOfAsync(string path, System.Net.Http.Headers.AuthenticationHeaderValue? authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(admin, path)) { Headers = { Authorization = authorization } };
            using HttpResponseMessage answer = await _http.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Requests_are_measured_by_status_and_method_and_refused_clients_by_reason()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --max-request-line 1k");
        Uri admin = await AdminOfAsync(server);
        await server.RawAsync("GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await server.RawAsync("GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await server.RawAsync("GET /" + new string('a', 2000) + " HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Contains("414", await server.ErrorLineAsync("refused:"));
        string metrics = await _http.GetStringAsync(new Uri(admin, "metrics"));
        Assert.Matches(
            @"http_server_request_duration_seconds_count\{[^}]*http_request_method=""GET""[^}]*http_response_status_code=""200""[^}]*\} [1-9]",
            metrics);
        Assert.Matches(@"http_server_request_duration_seconds_count\{[^}]*http_response_status_code=""404""[^}]*\} 1\s", metrics);
        Assert.Matches(@"rcomm_clients_refused_total\{[^}]*reason=""target_too_long""[^}]*\} 1\s", metrics);
        JsonElement requests = JsonDocument.Parse(await _http.GetStringAsync(new Uri(admin, "status.json"))).RootElement.GetProperty("requests");
        Assert.Equal((2, 1), (requests.GetProperty("answered").GetInt32(), requests.GetProperty("refused").GetInt32()));
    }

    public void Dispose()
    {
        _http.Dispose();
        _site.Dispose();
    }

    private static async Task<Uri> AdminOfAsync(RcommProcess server) =>
        new((await server.ErrorLineAsync("Admin pages at ")).Split(' ')[^1]);

    private async Task<JsonElement> StatusAsync(Uri admin) =>
        JsonDocument.Parse(await _http.GetStringAsync(new Uri(admin, "status.json"))).RootElement.GetProperty("queues")[0];

    /// <summary>What <c>rcomm queues</c> reports for a port.</summary>
    private static async Task<JsonElement> QueueAsync(int port)
    {
        await using RcommProcess queues = RcommProcess.Start($"queues --json --port {port}");
        Assert.Equal(0, await queues.ExitCodeAsync());
        return JsonDocument.Parse(await queues.OutputLineAsync("{")).RootElement.GetProperty("queues")[0];
    }
}
