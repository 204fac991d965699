using System.Runtime.ExceptionServices;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine;

/// <summary>One round: its connections dealt out to the threads, which begin in the same instant.</summary>
internal sealed class Round : IDisposable
{
    // Time for every thread to be there before the first connection is due.
    private const long PrepareUs = 2_000;

    private readonly RunContext _run;
    private readonly int _number;
    private readonly Worker[] _workers;
    private ExceptionDispatchInfo? _failure;

    public Round(RunContext run, int number)
    {
        (_run, _number) = (run, number);
        BurstPlan plan = run.Plan;
        _workers =
        [
            .. Enumerable.Range(0, plan.Threads).Select(thread =>
                new Worker(run, Enumerable.Range(0, plan.Connections)
                    .Where(index => index % plan.Threads == thread)
                    .Select(index => plan.Schedule.MeantUs(index, plan.Connections)))),
        ];
    }

    /// <summary>Runs to the end of the last connection.</summary>
    /// <exception cref="BurstException">This machine refused something; the other threads were stopped.</exception>
    public void Run(Action<BurstProgress> report, TimeSpan every)
    {
        long start = _run.Clock.Now + PrepareUs;
        Thread[] threads = [.. _workers.Select(worker => StartThread(worker, start))];
        foreach (Thread thread in threads)
        {
            while (!thread.Join(every)) report(Progress());
        }
        report(Progress());
        _failure?.Throw();
    }

    public IEnumerable<ConnectionRecord> Records()
    {
        for (int index = 0; index < _run.Plan.Connections; index++)
            yield return _workers[index % _workers.Length].Connections[index / _workers.Length].ToRecord(_number);
    }

    public void Dispose()
    {
        foreach (Worker worker in _workers) worker.Dispose();
    }

    private Thread StartThread(Worker worker, long start)
    {
        var thread = new Thread(() => RunToEnd(worker, start)) { Name = "burst", IsBackground = true };
        thread.Start();
        return thread;
    }

    private void RunToEnd(Worker worker, long start)
    {
        try
        {
            worker.Run(start);
        }
        catch (BurstException e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            _run.Stop();
        }
    }

    private BurstProgress Progress()
    {
        int before = (_number - 1) * _run.Plan.Connections;
        return new(_number, before + _workers.Sum(worker => worker.Progress.Opened), before + _workers.Sum(worker => worker.Progress.Finished));
    }
}
