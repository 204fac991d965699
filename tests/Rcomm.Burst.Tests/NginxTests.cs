using Rcomm.Burst.Results;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.Burst.Tests;

/// <summary>Bursts against nginx, with TLS and HTTP/2.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private const int Some = 60;
    private static readonly string Body = new('b', 200_000);

    private readonly string _folder = ServerProcess.NewFolder();
    private readonly int _secure = FreePort.Next();
    private readonly int _plain = FreePort.Next();
    private ServerProcess? _nginx;

    public async ValueTask InitializeAsync()
    {
        if (ServerProcess.Find("nginx") is not { } nginx) return;
        (string certificate, string key, _) = TestCertificates.Write(TestCertificates.Localhost, _folder);
        File.WriteAllText(Path.Combine(_folder, "page"), Body);
        File.WriteAllText(Path.Combine(_folder, "nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{_folder}}/nginx.pid;
            error_log stderr;
            worker_processes 1;
            events { worker_connections 1024; }
            http {
              access_log off;
              client_body_temp_path {{_folder}}/t1; proxy_temp_path {{_folder}}/t2; fastcgi_temp_path {{_folder}}/t3;
              uwsgi_temp_path {{_folder}}/t4; scgi_temp_path {{_folder}}/t5;
              ssl_certificate {{certificate}}; ssl_certificate_key {{key}}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache none;
              root {{_folder}};
              server {
                listen 127.0.0.1:{{_secure}} ssl http2 backlog=1024;
                location /post { client_max_body_size 1m; return 201 "$request_method $content_length"; }
              }
              server { listen 127.0.0.1:{{_plain}} http2 backlog=1024; }
            }
            """);
        _nginx = await ServerProcess.StartAsync(_folder, _plain, nginx, "-c", Path.Combine(_folder, "nginx.conf"), "-p", _folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null) await _nginx.DisposeAsync();
        else Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task HTTPS_is_answered_whole()
    {
        BurstResult result = await RunAsync("page");

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new NameCount("1.3", Some)], result.Summary.Tls!.Versions);
        Assert.Equal([new NameCount("http/1.1", Some)], result.Summary.Tls.Alpn);
        Assert.Equal(0, result.Summary.Tls.Resumed);
    }

    [Fact]
    public async Task HTTP_2_is_chosen_by_ALPN_and_answered_whole()
    {
        BurstResult result = await RunAsync("page", plan => plan with { Http2 = true });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new NameCount("h2", Some)], result.Summary.Tls!.Alpn);
        Assert.Equal("h2", result.Parameters.Protocol);
        Assert.All(result.Connections, record => Assert.InRange(record.EndedUs!.Value, record.FirstByteUs!.Value, long.MaxValue));
    }

    [Fact]
    public async Task HTTP_2_is_spoken_by_prior_knowledge_without_TLS()
    {
        SkipWithoutNginx();
        BurstResult result = await Bursts.RunAsync($"http://127.0.0.1:{_plain}/page", Some, plan => plan with { Http2 = true });

        result.AllWere(ConnectionOutcome.Answered);
    }

    [Theory]
    [InlineData("missing", 404, ConnectionOutcome.WrongStatus)]
    [InlineData("post", 201, ConnectionOutcome.Answered)]
    public async Task An_HTTP_2_answer_has_its_status(string path, int status, ConnectionOutcome outcome)
    {
        // More than the initial flow-control window of 65,535 bytes.
        BurstRequest request = status == 201 ? new() { Method = "POST", Body = new byte[300_000] } : new();

        BurstResult result = await RunAsync(path, plan => plan with { Http2 = true, Request = request });

        result.AllWere(outcome);
        Assert.Equal([new StatusCount(status, Some)], result.Summary.Statuses);
    }

    [Fact]
    public async Task A_server_that_speaks_HTTP_1_where_HTTP_2_was_expected_gives_no_valid_answer()
    {
        using TestServer server = TestServer.Start(TestServer.Answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));

        BurstResult result = await Bursts.RunAsync(server.Url, Some, plan => plan with { Http2 = true, Timeout = TimeSpan.FromSeconds(1) });

        Assert.Equal(0, result.Summary.Count(ConnectionOutcome.Answered));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_session_is_resumed_where_that_is_asked_for(bool http2)
    {
        BurstResult result = await RunAsync("page", plan => plan with { Http2 = http2, Tls = plan.Tls with { Resume = true } });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal(Some, result.Summary.Tls!.Resumed);
    }

    [Fact]
    public async Task Connections_are_held_open_after_an_HTTP_2_answer()
    {
        var hold = TimeSpan.FromMilliseconds(300);

        BurstResult result = await RunAsync("page", plan => plan with { Http2 = true, Hold = hold });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.InRange(result.DurationMs, hold.TotalMilliseconds, double.MaxValue);
    }

    private Task<BurstResult> RunAsync(string path, Func<BurstPlan, BurstPlan>? change = null)
    {
        SkipWithoutNginx();
        return Bursts.RunAsync($"https://localhost:{_secure}/{path}", Some, plan =>
        {
            BurstPlan trusting = plan with { Tls = new() { TrustedRoots = TestCertificates.Roots } };
            return change?.Invoke(trusting) ?? trusting;
        });
    }

    private void SkipWithoutNginx() => Assert.SkipUnless(_nginx is not null, "needs nginx");
}
