using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>TLS against a server in this process, and each way in which a handshake can fail.</summary>
public sealed class TlsTests
{
    private const int Some = 20;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);
    private static readonly BurstTls Trusting = new() { TrustedRoots = TestCertificates.Roots };

    [Theory]
    [InlineData(SslProtocols.Tls12, "1.2")]
    [InlineData(SslProtocols.Tls13, "1.3")]
    public async Task Every_connection_is_secured_and_its_times_are_kept_apart(SslProtocols protocol, string version)
    {
        using TestServer server = TestServer.Start(Secured(TestCertificates.Localhost, options => options.EnabledSslProtocols = protocol));

        BurstResult result = await RunAsync(server, Trusting);

        result.AllWere(ConnectionOutcome.Answered);
        Assert.All(result.Connections, record =>
        {
            Assert.Equal((version, (bool?)null, (HandshakeFailure?)null), (record.Tls!.Version, record.Tls.Resumed, record.Tls.Failure));
            Assert.Equal(200, record.Status);
            Assert.InRange(record.Tls.HelloUs!.Value, record.ConnectedUs!.Value, record.Tls.SecuredUs!.Value);
            Assert.InRange(record.Tls.SecuredUs!.Value, record.ConnectedUs!.Value, record.FirstByteUs!.Value);
        });
        Assert.Equal(Some, result.Summary.Tls!.Handshake!.Count);
        Assert.InRange(result.Summary.Tls.Share!.Value, 0, 1);
    }

    [Fact]
    public async Task An_expired_certificate_fails_the_handshake() =>
        await FailsAsync(Secured(TestCertificates.Expired), HandshakeFailure.CertificateExpired);

    [Fact]
    public async Task A_certificate_for_another_name_fails_the_handshake() =>
        await FailsAsync(Secured(TestCertificates.OfAnotherName), HandshakeFailure.CertificateNameMismatch);

    [Fact]
    public async Task A_certificate_that_no_trusted_root_signed_fails_the_handshake() =>
        await FailsAsync(Secured(TestCertificates.Localhost), HandshakeFailure.CertificateUntrusted, tls: new());

    [Fact]
    public async Task A_server_that_speaks_plain_HTTP_on_the_TLS_port_is_named_as_that() =>
        await FailsAsync(client =>
        {
            ReadSome(client);
            client.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8);
        }, HandshakeFailure.NotTls);

    [Fact]
    public async Task A_server_that_closes_during_the_handshake_is_named_as_that() =>
        await FailsAsync(ReadSome, HandshakeFailure.Closed);

    [Fact]
    public async Task A_server_that_resets_during_the_handshake_is_named_as_that() =>
        await FailsAsync(client =>
        {
            ReadSome(client);
            client.LingerState = new LingerOption(true, 0);
        }, HandshakeFailure.Reset);

    [Theory]
    // A record of type alert with a fatal alert (RFC 8446, 6).
    [InlineData(40, "handshake_failure")]
    [InlineData(70, "protocol_version")]
    [InlineData(112, "unrecognized_name")]
    public async Task An_alert_is_named(byte number, string name) =>
        await FailsAsync(client =>
        {
            ReadSome(client);
            client.Send([21, 3, 3, 0, 2, 2, number]);
        }, HandshakeFailure.Alert, name);

    [Fact]
    public async Task A_server_that_stalls_in_the_handshake_times_out_there_and_not_in_its_answer()
    {
        TestServer server = null!;
        using (server = TestServer.Start(client =>
        {
            ReadSome(client);
            server.Keep(client);
        }))
        {
            BurstResult result = await RunAsync(server, Trusting, plan => plan with { Timeout = Short });

            result.AllWere(ConnectionOutcome.TimedOutHandshake);
            Assert.All(result.Connections, record => Assert.NotNull(record.ConnectedUs));
        }
    }

    [Fact]
    public async Task A_server_that_stalls_after_the_handshake_times_out_in_its_answer()
    {
        TestServer server = null!;
        using (server = TestServer.Start(client =>
        {
            Secure(client, TestCertificates.Localhost, _ => { });
            server.Keep(client);
        }))
        {
            BurstResult result = await Bursts.UntilLongEnoughAsync(TimeSpan.FromSeconds(1),
                timeout => RunAsync(server, Trusting, plan => plan with { Timeout = timeout }),
                result => result.Summary.Count(ConnectionOutcome.TimedOutHandshake) == 0);

            result.AllWere(ConnectionOutcome.TimedOutWaiting);
        }
    }

    [Fact]
    public async Task Insecure_accepts_any_certificate()
    {
        using TestServer server = TestServer.Start(Secured(TestCertificates.Expired));

        (await RunAsync(server, new() { AcceptAnyCertificate = true })).AllWere(ConnectionOutcome.Answered);
    }

    [Fact]
    public async Task The_client_shows_its_certificate()
    {
        List<string?> seen = [];
        using TestServer server = TestServer.Start(Secured(TestCertificates.Localhost, options =>
        {
            options.ClientCertificateRequired = true;
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen.Add(certificate?.Subject);
                return certificate is not null;
            };
        }));

        (await RunAsync(server, Trusting with { ClientCertificate = TestCertificates.Client })).AllWere(ConnectionOutcome.Answered);

        Assert.Equal(Enumerable.Repeat("CN=a client", Some), seen);
    }

    [Fact]
    public async Task The_protocols_of_ALPN_are_offered_and_the_choice_is_reported()
    {
        using TestServer server = TestServer.Start(Secured(TestCertificates.Localhost, options => options.ApplicationProtocols = [new("chat")]));

        BurstResult result = await RunAsync(server, Trusting with { ApplicationProtocols = ["acme", "chat"] });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new NameCount("chat", Some)], result.Summary.Tls!.Alpn);
    }

    [Fact]
    public async Task HTTP_2_that_the_server_does_not_choose_fails_the_handshake()
    {
        using TestServer server = TestServer.Start(Secured(TestCertificates.Localhost));

        BurstResult result = await RunAsync(server, Trusting, plan => plan with { Http2 = true });

        result.AllWere(ConnectionOutcome.HandshakeFailed);
        Assert.Equal([new FailureCount(HandshakeFailure.NoHttp2, null, Some)], result.Summary.Tls!.Failures);
    }

    [Fact]
    public async Task Connect_only_is_done_with_the_TLS_handshake()
    {
        using TestServer server = TestServer.Start(client => Secure(client, TestCertificates.Localhost, _ => { }).Dispose());

        BurstResult result = await RunAsync(server, Trusting, plan => plan with { ConnectOnly = true });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal(Some, result.Summary.Tls!.Secured);
        Assert.Null(result.Summary.FirstByte);
    }

    [Fact]
    public async Task Dropped_handshakes_and_sources_are_seen_with_TLS_too()
    {
        using TestServer server = TestServer.Listening(backlog: 5);

        BurstResult result = await RunAsync(server, Trusting,
            plan => plan with { Timeout = TimeSpan.FromSeconds(1.5), Threads = 1, Sources = SourceAddresses.Parse("127.0.0.2") });

        Assert.Equal(6, result.Summary.Count(ConnectionOutcome.TimedOutHandshake));
        Assert.Equal(Some - 6, result.Summary.Count(ConnectionOutcome.TimedOutConnecting));
        Assert.Equal(1, result.Parameters.Sources);
        Assert.InRange(result.Summary.SynRetransmits, Some - 6, long.MaxValue);
    }

    [Fact]
    public async Task Sessions_are_resumed_by_name_only()
    {
        var plan = new BurstPlan { Target = await BurstTarget.ResolveAsync("https://127.0.0.1/"), Tls = new() { Resume = true } };

        Assert.Contains("write the URL with a name", Assert.Throws<BurstException>(plan.Validate).Message);
    }

    private static async Task FailsAsync(Action<Socket> meet, HandshakeFailure failure, string? alert = null, BurstTls? tls = null)
    {
        using TestServer server = TestServer.Start(meet);

        BurstResult result = await RunAsync(server, tls ?? Trusting);

        result.AllWere(ConnectionOutcome.HandshakeFailed);
        Assert.Equal([new FailureCount(failure, alert, Some)], result.Summary.Tls!.Failures);
        Assert.Equal(0, result.Summary.Tls.Secured);
    }

    private static Task<BurstResult> RunAsync(TestServer server, BurstTls tls, Func<BurstPlan, BurstPlan>? change = null)
    {
        string url = server.Url.Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal);
        return Bursts.RunAsync(url, Some, plan => change?.Invoke(plan with { Tls = tls }) ?? plan with { Tls = tls });
    }

    private static void ReadSome(Socket client) => client.Receive(new byte[4096]);

    private static Action<Socket> Secured(X509Certificate2 certificate, Action<SslServerAuthenticationOptions>? change = null) => client =>
    {
        try
        {
            using SslStream secured = Secure(client, certificate, change ?? (_ => { }));
            Span<byte> request = stackalloc byte[1024];
            if (secured.Read(request) > 0) secured.Write(Encoding.Latin1.GetBytes(TestServer.Ok));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client gave up, which many of these tests intend.
        }
    };

    private static SslStream Secure(Socket client, X509Certificate2 certificate, Action<SslServerAuthenticationOptions> change)
    {
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };
        change(options);
        var secured = new SslStream(new NetworkStream(client, ownsSocket: false));
        secured.AuthenticateAsServer(options);
        return secured;
    }
}
