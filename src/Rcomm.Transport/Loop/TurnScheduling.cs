using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Loop;

/// <summary>
/// Lets events gather while a loop is busy. If its wake-up interrupts the clients or the proxy on the same machine at each request, every turn handles few
/// events, and a thread switch, a wait and a file check are paid for each. While turns have several events, the loop's thread therefore doesn't interrupt
/// others. At low rates it does, so that a request never waits behind another program's computation.
/// </summary>
internal sealed class TurnScheduling
{
    private const double Start = 2;
    private const double Stop = 1.5;
    private const double Weight = 1.0 / 256;

    // The moving average of the events of a turn.
    private double _average;
    private bool _gathers;

    /// <summary>Adds a turn. Call it on the loop's thread.</summary>
    /// <param name="events">The number of the turn's events.</param>
    public void Add(int events)
    {
        _average += (events - _average) * Weight;
        bool gathers = _average >= (_gathers ? Stop : Start);
        if (gathers == _gathers) return;
        _gathers = gathers;
        ThreadScheduling.SetBatch(gathers);
    }
}
