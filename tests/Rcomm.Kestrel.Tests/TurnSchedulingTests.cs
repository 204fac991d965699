using System.Globalization;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Tests;

public sealed class TurnSchedulingTests
{
    // include/uapi/linux/sched.h
    private const int Default = 0, Batch = 3;

    [Fact]
    public async Task A_loop_interrupts_other_threads_unless_its_turns_have_several_events()
    {
        List<int> policies = await OnNewThreadAsync(() =>
        {
            var scheduling = new TurnScheduling();
            return [After(1_000, 1), After(1, 100), After(1_000, 3), After(1_000, 1), After(1_000, 0)];

            int After(int turns, int events)
            {
                for (int i = 0; i < turns; i++) scheduling.Add(events);
                return PolicyOfThisThread();
            }
        });

        Assert.Equal([Default, Default, Batch, Default, Default], policies);
    }

    [Fact]
    public async Task A_burst_changes_it_at_once()
    {
        List<int> policies = await OnNewThreadAsync(() =>
        {
            var scheduling = new TurnScheduling();
            scheduling.Add(512);
            return [PolicyOfThisThread()];
        });

        Assert.Equal([Batch], policies);
    }

    private static Task<List<int>> OnNewThreadAsync(Func<List<int>> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // The 41st field of proc_pid_stat(5); the second, a name in parentheses, may contain spaces.
    private static int PolicyOfThisThread()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[38], CultureInfo.InvariantCulture);
    }
}
