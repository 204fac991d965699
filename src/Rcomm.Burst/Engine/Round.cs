using System.Runtime.ExceptionServices;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine;

/// <summary>One round: its connections, distributed over threads that start in the same instant.</summary>
internal sealed class Round : IDisposable
{
    // Lets every thread start before the first connection is due.
    private const long StartDelayUs = 2_000;

    // A TLS connection takes about 60 KB from its first message on.
    private const int MaxPrepared = 10_000;

    private readonly BurstRun _run;
    private readonly int _number;
    private readonly Worker[] _workers;
    private ExceptionDispatchInfo? _failure;

    public Round(BurstRun run, int number)
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
        if (run.Tls is not null && !run.IsStopped) Parallel.ForEach(_workers, worker => worker.Prepare(MaxPrepared / _workers.Length));
    }

    /// <summary>The threads' use of their cores.</summary>
    public GeneratorLoad Load => GeneratorLoad.Sum(_workers.Select(worker => worker.Load));

    /// <summary>Runs until the last connection has ended.</summary>
    /// <param name="startUs">When the first connection should open, on the run's clock; null for as soon as the threads are running.</param>
    /// <param name="report">Called with the round's progress.</param>
    /// <param name="interval">The time between two reports.</param>
    /// <exception cref="BurstException">This machine refused a call; the other threads were stopped.</exception>
    public void Run(long? startUs, Action<BurstProgress> report, TimeSpan interval)
    {
        long start = startUs ?? _run.Clock.Now + StartDelayUs;
        Thread[] threads = [.. _workers.Select(worker => StartThread(worker, start))];
        foreach (Thread thread in threads)
        {
            while (!thread.Join(interval)) report(Progress());
        }
        report(Progress());
        _failure?.Throw();
    }

    public IEnumerable<ConnectionRecord> Records()
    {
        for (int index = 0; index < _run.Plan.Connections; index++)
            yield return _workers[index % _workers.Length].Connections[index / _workers.Length].ToRecord(_number, _run.Plan.Schedule.PartOf(index));
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
        catch (Exception e)
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
