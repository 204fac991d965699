using System.Net;
using System.Net.Sockets;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Tests;

public sealed class AddressTests
{
    [Fact]
    public async Task IPv6_is_burst_like_IPv4()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok), new IPEndPoint(IPAddress.IPv6Loopback, 0));

        BurstResult result = await Bursts.RunAsync(server.Url, 50);

        result.AllWere(ConnectionOutcome.Answered);
        Assert.StartsWith("[::1]:", result.Parameters.Address);
    }

    [Fact]
    public async Task A_Unix_socket_answers_by_its_path()
    {
        string path = Path.Combine(Path.GetTempPath(), $"rcomm-burst-{Guid.NewGuid():N}.sock");
        try
        {
            using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok), new UnixDomainSocketEndPoint(path));

            (await Bursts.RunAsync($"unix:{path}", 50)).AllWere(ConnectionOutcome.Answered);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_full_Unix_queue_turns_clients_away_at_once()
    {
        string name = $"rcomm-burst-{Guid.NewGuid()}";
        using TestServer server = TestServer.Listening(backlog: 5, at: new UnixDomainSocketEndPoint("\0" + name));

        BurstResult result = await Bursts.RunAsync($"unix:@{name}", 20, plan => plan with { Timeout = TimeSpan.FromMilliseconds(200) });

        Assert.Equal(6, result.Summary.Count(ConnectionOutcome.TimedOutWaiting));
        Assert.Equal(14, result.Summary.Count(ConnectionOutcome.QueueFull));
    }

    [Fact]
    public async Task A_Unix_socket_that_is_not_there_is_no_fault_of_a_server()
    {
        BurstException refusal = await Assert.ThrowsAsync<BurstException>(() => Bursts.RunAsync("unix:/no/such.sock", 5));

        Assert.Equal(BurstFailure.NoRoute, refusal.Failure);
        Assert.Contains("ENOENT", refusal.Message);
    }

    [Fact]
    public async Task Connections_come_from_the_sources_in_turns()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstResult result = await Bursts.RunAsync(server.Url, 40, plan => plan with { Sources = SourceAddresses.Parse("127.0.0.2-127.0.0.4, 127.0.0.9") });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal(4, result.Parameters.Sources);
        Assert.Equal(
            [("127.0.0.2", 10), ("127.0.0.3", 10), ("127.0.0.4", 10), ("127.0.0.9", 10)],
            server.Clients.CountBy(client => ((IPEndPoint)client).Address.ToString()).Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task A_run_that_needs_more_ports_than_half_of_them_spreads_over_loopback()
    {
        BurstTarget loopback = await BurstTarget.ResolveAsync("http://127.0.0.1:1/"), elsewhere = await BurstTarget.ResolveAsync("http://10.0.0.1:1/");
        int ports = PortRange.Read().Count;

        Assert.Empty(SourceAddresses.Default.For(new() { Target = loopback, Connections = 1000 }));
        Assert.Equal(64, SourceAddresses.Default.For(new() { Target = loopback, Connections = ports / 2 + 1 }).Count);
        Assert.Empty(SourceAddresses.Default.For(new() { Target = elsewhere, Connections = ports / 2 + 1 }));
    }

    [Theory]
    // TEST-NET-1 (RFC 5737): no host uses it.
    [InlineData("192.0.2.1", BurstFailure.SourceNotAvailable, "192.0.2.1")]
    [InlineData("::1", BurstFailure.BadPlan, "IPv6")]
    public async Task A_source_that_does_not_fit_is_refused(string source, BurstFailure failure, string says)
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstException refusal = await Assert.ThrowsAsync<BurstException>(() =>
            Bursts.RunAsync(server.Url, 5, plan => plan with { Sources = SourceAddresses.Parse(source) }));

        Assert.Equal(failure, refusal.Failure);
        Assert.Contains(says, refusal.Message);
    }

    [Theory]
    [InlineData("127.0.0.2-")]
    [InlineData("127.0.0.9-127.0.0.2")]
    [InlineData("127.0.0.1-127.0.255.255")]
    [InlineData("::1-::5")]
    [InlineData("localhost")]
    [InlineData("127.1")]
    public void A_text_that_is_no_source_is_refused(string text) =>
        Assert.Equal(BurstFailure.BadPlan, Assert.Throws<BurstException>(() => SourceAddresses.Parse(text)).Failure);

    [Theory]
    [InlineData("ftp://127.0.0.1/", "ftp://")]
    [InlineData("http://me:secret@127.0.0.1/", "user name")]
    [InlineData("http://", "isn't a valid URL")]
    [InlineData("http:/127.0.0.1/", "isn't a valid URL")]
    [InlineData("unix:", "path")]
    public async Task A_target_that_cannot_be_burst_is_refused(string url, string says)
    {
        BurstException refusal = await Assert.ThrowsAsync<BurstException>(() => BurstTarget.ResolveAsync(url));

        Assert.Equal(BurstFailure.BadPlan, refusal.Failure);
        Assert.Contains(says, refusal.Message);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_said_so()
    {
        // RFC 2606: .invalid resolves nowhere.
        BurstException refusal = await Assert.ThrowsAsync<BurstException>(() => BurstTarget.ResolveAsync("http://no-such-host.invalid/"));

        Assert.Equal(BurstFailure.NameNotFound, refusal.Failure);
        Assert.Contains("no-such-host.invalid", refusal.Message);
    }

    [Theory]
    [InlineData("http://127.3.2.1/", true)]
    [InlineData("http://[::1]/", true)]
    [InlineData("http://10.1.2.3/", true)]
    [InlineData("http://172.31.255.255/", true)]
    [InlineData("http://192.168.0.1/", true)]
    [InlineData("http://[fd00::1]/", true)]
    [InlineData("http://[fe80::1]/", true)]
    [InlineData("http://[::ffff:10.0.0.1]/", true)]
    [InlineData("unix:@x", true)]
    [InlineData("http://172.32.0.1/", false)]
    [InlineData("http://192.0.2.1/", false)]
    [InlineData("http://[2001:db8::1]/", false)]
    [InlineData("http://[::ffff:192.0.2.1]/", false)]
    public async Task Private_addresses_are_told_from_public_ones(string url, bool isPrivate) =>
        Assert.Equal(isPrivate, (await BurstTarget.ResolveAsync(url)).IsPrivate);
}
