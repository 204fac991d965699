using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>
/// Lets the JIT compile and OpenSSL load what a connection needs before the clock runs; otherwise this would count as the server's time. Uses a few
/// connections to an abstract Unix socket of this process, which no other process or TCP counter sees.
/// </summary>
internal static class WarmUp
{
    private const int PlainConnections = 64;
    private const int TlsConnections = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static ReadOnlySpan<byte> Answer => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8;

    public static void Run(BurstPlan plan)
    {
        if (plan.Target.IsTls) RunTls(plan);
        // Natively compiled code needs no further warm-up.
        else if (RuntimeFeature.IsDynamicCodeCompiled) Burst(PlainConnections, isTls: false, client => AnswerOver(client));
    }

    private static void RunTls(BurstPlan plan)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Burst(TlsConnections, isTls: true, client =>
        {
            using var secured = new SslStream(client);
            secured.AuthenticateAsServer(certificate);
            AnswerOver(secured);
        });
        if (!plan.Tls.AcceptAnyCertificate && plan.Tls.TrustedRoots is null)
        {
            // This reads the system's roots.
            using var chain = new X509Chain { ChainPolicy = { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck } };
            _ = chain.Build(certificate);
        }
        if (plan.Tls.Resume) Visit(plan);
    }

    /// <summary>Opens one connection to the target, which leaves a session for the burst's connections to resume.</summary>
    private static void Visit(BurstPlan plan) =>
        RunRound(plan with { Connections = 1, Rounds = 1, Threads = 1, Schedule = BurstSchedule.AtOnce, StartAt = null, Hold = TimeSpan.Zero,
            ConnectOnly = false });

    private static void Burst(int connections, bool isTls, Action<Stream> answer)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string name = $"rcomm-burst-{Guid.NewGuid()}";
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen(connections);
        var answers = new Thread(() => AnswerAll(listener, connections, answer)) { IsBackground = true };
        answers.Start();
        BurstTarget target = BurstTarget.OfUnix(UnixPath.ToAddress($"@{name}")) with { IsTls = isTls };
        RunRound(new BurstPlan { Target = target, Connections = connections, Timeout = Timeout, Tls = new() { AcceptAnyCertificate = true } });
        listener.Dispose();
        answers.Join();
    }

    private static void RunRound(BurstPlan plan)
    {
        var run = new BurstRun(plan);
        using var round = new Round(run, 1);
        run.Clock = new Clock(Stopwatch.GetTimestamp());
        round.Run(null, _ => { }, plan.Timeout);
        _ = round.Records().Count();
    }

    private static void AnswerAll(Socket listener, int connections, Action<Stream> answer)
    {
        for (int i = 0; i < connections; i++)
        {
            try
            {
                using var client = new NetworkStream(listener.Accept(), ownsSocket: true);
                client.ReadTimeout = client.WriteTimeout = (int)Timeout.TotalMilliseconds;
                answer(client);
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // A client ran out of time: that is warm enough.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The listener was closed, during the call or before it.
                return;
            }
        }
    }

    private static void AnswerOver(Stream client)
    {
        Span<byte> request = stackalloc byte[1024];
        if (client.Read(request) > 0) client.Write(Answer);
    }
}
