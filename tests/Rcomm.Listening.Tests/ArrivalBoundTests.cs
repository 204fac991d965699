using Rcomm.Listening.Monitoring;

namespace Rcomm.Listening.Tests;

public sealed class ArrivalBoundTests
{
    private static readonly TimeSpan Short = Ms(1);

    private readonly ArrivalBound _bound = new();

    [Fact]
    public void Nothing_is_known_of_those_of_the_first_reading()
    {
        _bound.Read(Ms(1), previousAccepted: true);

        Assert.False(_bound.IsBelow(Short, Ms(1)));
    }

    [Fact]
    public void Those_that_follow_an_accepted_reading_came_after_it()
    {
        _bound.Read(Ms(1), previousAccepted: true);
        _bound.Read(Ms(1.5), previousAccepted: true);

        Assert.True(_bound.IsBelow(Short, Ms(1.9)));
        Assert.False(_bound.IsBelow(Short, Ms(2)));
    }

    [Fact]
    public void While_some_of_a_reading_wait_the_bound_stays_at_the_reading_before()
    {
        _bound.Read(Ms(1), previousAccepted: true);
        _bound.Read(Ms(1.5), previousAccepted: true);
        _bound.Read(Ms(1.9), previousAccepted: false);

        Assert.True(_bound.IsBelow(Short, Ms(1.9)));
        Assert.False(_bound.IsBelow(Short, Ms(2.1)));
    }

    [Fact]
    public void After_a_failed_accept_nothing_is_known_until_a_reading_is_accepted()
    {
        _bound.Read(Ms(1), previousAccepted: true);
        _bound.Read(Ms(1.1), previousAccepted: true);
        _bound.Forget();
        _bound.Read(Ms(1.2), previousAccepted: true);

        Assert.False(_bound.IsBelow(Short, Ms(1.2)));

        _bound.Read(Ms(1.3), previousAccepted: true);

        Assert.True(_bound.IsBelow(Short, Ms(1.3)));
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
