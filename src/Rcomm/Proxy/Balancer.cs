namespace Rcomm.Proxy;

/// <summary>Chooses the upstream of a request: of those that are up, the one with the fewest requests.</summary>
internal sealed class Balancer(IReadOnlyList<Upstream> upstreams)
{
    private uint _turn;

    public IReadOnlyList<Upstream> Upstreams => upstreams;

    /// <summary>An upstream that hasn't been tried; null where all have.</summary>
    public Upstream? Choose(List<Upstream>? tried)
    {
        if (upstreams.Count == 1) return tried is null ? upstreams[0] : null;
        // Where none is up they are asked all the same: it is better than to refuse everybody.
        return Least(tried, avoid: true) ?? Least(tried, avoid: false);
    }

    private Upstream? Least(List<Upstream>? tried, bool avoid)
    {
        Upstream? least = null;
        // From another one each time, so that those that are equally busy take turns.
        uint first = Interlocked.Increment(ref _turn);
        for (uint i = 0; i < upstreams.Count; i++)
        {
            Upstream one = upstreams[(int)((first + i) % upstreams.Count)];
            if ((avoid && one.IsAvoided) || tried?.Contains(one) == true) continue;
            if (least is null || one.InFlight < least.InFlight) least = one;
        }
        return least;
    }
}
