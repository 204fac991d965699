namespace Rcomm.Proxy;

/// <summary>Chooses the upstream of a request: the one with the fewest requests among those that are up.</summary>
internal sealed class Balancer(IReadOnlyList<Upstream> upstreams)
{
    private uint _turn;

    public IReadOnlyList<Upstream> Upstreams => upstreams;

    /// <summary>Returns an upstream that hasn't been tried; null if all have.</summary>
    public Upstream? Choose(List<Upstream>? tried)
    {
        if (upstreams.Count == 1) return tried is null ? upstreams[0] : null;
        // If none is up, try one nevertheless rather than refuse every request.
        return LeastLoaded(tried, avoid: true) ?? LeastLoaded(tried, avoid: false);
    }

    private Upstream? LeastLoaded(List<Upstream>? tried, bool avoid)
    {
        Upstream? least = null;
        // Starts at another one each time, so that equally busy upstreams alternate.
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
