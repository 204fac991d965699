using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>Measures one worker thread's use of its core, from the opening to the last outcome.</summary>
internal struct LoadMeter(int connections)
{
    private int _undecided = connections;
    private long _startUs;
    private ThreadTimes _start;

    /// <summary>The measurement; null until the last outcome is known.</summary>
    public GeneratorLoad? Load { get; private set; }

    public bool IsStarted { get; private set; }

    public void Start(long nowUs) => (IsStarted, _startUs, _start) = (true, nowUs, ThreadTimes.Read());

    /// <summary>Counts one more known outcome.</summary>
    public void Decided(long nowUs)
    {
        if (--_undecided == 0) Stop(nowUs);
    }

    public void Stop(long nowUs)
    {
        if (Load is not null || !IsStarted) return;
        ThreadTimes end = ThreadTimes.Read();
        Load = new((nowUs - _startUs) / 1000.0, (end.RunNs - _start.RunNs) / 1e6, (end.WaitNs - _start.WaitNs) / 1e6);
    }
}
