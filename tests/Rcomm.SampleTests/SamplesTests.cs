using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.SampleTests;

/// <summary>Each sample, with and without the package, gets a burst while it doesn't accept: as many clients connect as fit into the listen queue.</summary>
public sealed class SamplesTests(ITestOutputHelper output)
{
    private const int Clients = 1_500;
    private static readonly int Cap = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"));

    [Theory]
    [InlineData("MinimalApi", "http", 512)]
    [InlineData("RazorShop", "https", 512)]
    [InlineData("GrpcGreeter", "http", 512)]
    [InlineData("TcpEcho", "tcp", 128)]
    public async Task A_burst_that_the_default_queue_drops_fits_ours(string sample, string scheme, int usualBacklog)
    {
        Assert.SkipWhen(Cap < Clients, $"net.core.somaxconn is {Cap} here: no queue of this machine holds {Clients}");
        int without = await ConnectedWhilePausedAsync(sample, scheme, withPackage: false);
        int with = await ConnectedWhilePausedAsync(sample, scheme, withPackage: true);
        output.WriteLine($"{sample}: of {Clients:N0} at once {without:N0} got in without the package, {with:N0} with it");

        Assert.Equal(Clients, with);
        // The queue holds one more than its backlog.
        Assert.InRange(without, 1, usualBacklog + 1);
    }

    [Theory]
    [InlineData("MinimalApi", "http", "Hello!", false)]
    [InlineData("MinimalApi", "http", "Hello!", true)]
    [InlineData("RazorShop", "https", "The sale is open", false)]
    [InlineData("RazorShop", "https", "The sale is open", true)]
    public async Task A_sample_answers_with_the_package_as_without(string sample, string scheme, string answer, bool withPackage)
    {
        await using SampleProcess process = await SampleProcess.StartAsync(sample, scheme, withPackage);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = Whichever } });

        Assert.Contains(answer, await http.GetStringAsync($"{scheme}://127.0.0.1:{process.Port}/"));
    }

    [Fact]
    public async Task The_minimal_one_tells_its_health_and_its_queues()
    {
        await using SampleProcess process = await SampleProcess.StartAsync("MinimalApi", "http", withPackage: true);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{process.Port}/") };

        Assert.Equal("Healthy", await http.GetStringAsync("healthz"));
        Assert.Contains($"\"name\":\"127.0.0.1:{process.Port}\",\"backlog\":{Cap}", await http.GetStringAsync("queues"));
    }

    [Fact]
    public async Task The_gRPC_service_speaks_HTTP_2()
    {
        await using SampleProcess process = await SampleProcess.StartAsync("GrpcGreeter", "http", withPackage: true);
        using var http = new HttpClient();
        // An empty message, framed: no compression, no length.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{process.Port}/greet.Greeter/SayHello")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "Content-Type", "application/grpc" } } },
        };

        using HttpResponseMessage answer = await http.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task The_TCP_server_echoes()
    {
        await using SampleProcess process = await SampleProcess.StartAsync("TcpEcho", "tcp", withPackage: true);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, process.Port);
        await client.GetStream().WriteAsync("ping"u8.ToArray());
        byte[] answer = new byte[4];
        await client.GetStream().ReadExactlyAsync(answer);

        Assert.Equal("ping"u8.ToArray(), answer);
    }

    private static async Task<int> ConnectedWhilePausedAsync(string sample, string scheme, bool withPackage)
    {
        await using SampleProcess process = await SampleProcess.StartAsync(sample, scheme, withPackage);
        await process.PauseAsync();
        List<Socket> clients = [];
        try
        {
            for (int i = 0; i < Clients; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                clients.Add(client);
                try
                {
                    client.Connect(new IPEndPoint(IPAddress.Loopback, process.Port));
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                }
            }
            // Over loopback, a handshake ends within the connect, or its SYN was dropped and is sent again a second later. The kernel
            // reports what the queue holds.
            return HostDepth(process.Port);
        }
        finally
        {
            foreach (Socket client in clients) client.Dispose();
            process.Resume();
        }
    }

    // /proc/net/tcp, "rx_queue" of the listening socket (state 0A): the number of connections that wait to be accepted.
    private static int HostDepth(int port) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields[3] == "0A" && fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
        .Sum(fields => Convert.ToInt32(fields[4].Split(':')[1], 16));

    private static bool Whichever(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;
}
