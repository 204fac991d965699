using Rcomm.Shared.Linux;


namespace Rcomm.Burst.Tests;

public sealed class PlanTests
{
    public static TheoryData<string, Func<BurstPlan, BurstPlan>> OutOfBounds => new()
    {
        { "from 1 to 100000", plan => plan with { Connections = 0 } },
        { "from 1 to 100000", plan => plan with { Connections = BurstPlan.MaxConnections + 1 } },
        { "from 1 to 100", plan => plan with { Rounds = 0 } },
        { "at most 1000000", plan => plan with { Connections = 20_000, Rounds = 51 } },
        { "timeout", plan => plan with { Timeout = TimeSpan.Zero } },
        { "held", plan => plan with { Hold = TimeSpan.FromHours(1) } },
        { "threads", plan => plan with { Threads = Environment.ProcessorCount + 1 } },
        { "Raise the rate", plan => plan with { Schedule = BurstSchedule.Rate(1) } },
        { "more than an hour", plan => plan with { Rounds = 100, Timeout = TimeSpan.FromMinutes(1) } },
    };

    [Theory]
    [MemberData(nameof(OutOfBounds), DisableDiscoveryEnumeration = true)]
    public async Task A_plan_out_of_its_bounds_is_refused_before_a_connection_is_opened(string says, Func<BurstPlan, BurstPlan> change)
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstException refusal = await Assert.ThrowsAsync<BurstException>(() => Bursts.RunAsync(server.Url, 1000, change));

        Assert.Equal(BurstFailure.BadPlan, refusal.Failure);
        Assert.Contains(says, refusal.Message);
        Assert.Empty(server.Clients);
    }

    [Fact]
    public async Task What_this_machine_refuses_says_what_to_do_and_blames_no_server()
    {
        BurstTarget target = await BurstTarget.ResolveAsync("http://127.0.0.1:1/");

        Assert.Equal((BurstFailure.FileLimit, true), Told(LocalFailure.Of(Errno.EMFILE, "socket"), "ulimit -n"));
        Assert.Equal((BurstFailure.FileLimit, true), Told(LocalFailure.Of(Errno.ENFILE, "socket"), "fs.file-max"));
        Assert.Equal((BurstFailure.PortsExhausted, true), Told(LocalFailure.OfConnect(Errno.EADDRNOTAVAIL, target, 0), "--sources 127.0.0.2-127.0.0.65"));
        Assert.Equal((BurstFailure.NoRoute, true), Told(LocalFailure.OfConnect(Errno.ENETUNREACH, target, 0), "ip route"));

        static (BurstFailure, bool) Told(BurstException failure, string remedy) => (failure.Failure, failure.Message.Contains(remedy));
    }
}
