using System.Text.Json;
using Rcomm.Listening.HostQueues;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcomm.Queues;

/// <summary>Shows the selected queues once or repeatedly.</summary>
/// <param name="json">Whether to print JSON, one document per line.</param>
/// <param name="explain">Whether to add two lines on how to fix each queue that is nearly full or has drops.</param>
internal sealed class QueuesView(QueueSelection selection, bool json, bool explain)
{
    private const int WidthOfNoTerminal = 160;
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(50);

    private readonly IAnsiConsole _console = CreateConsole();

    /// <summary>Reads and shows the queues once.</summary>
    /// <returns>The queues shown.</returns>
    public HostQueueList ShowOnce()
    {
        HostQueueList queues = selection.Read();
        if (json || queues.Queues.Count > 0 || selection.IsEverything) Show(queues, since: null);
        return queues;
    }

    /// <summary>Reads the queues twice and shows what happened in between.</summary>
    /// <returns>The queues with the drops and counters of that time.</returns>
    public async Task<HostQueueList> ShowIntervalAsync(TimeSpan interval, CancellationToken stop)
    {
        var since = new WatchBaseline();
        since.Add(selection.Read());
        await Task.Delay(interval, stop);
        HostQueueList queues = selection.Read();
        since.Add(queues);
        Show(queues, since);
        return since.Of(queues);
    }

    /// <summary>Redraws until it is stopped, q is pressed, or <paramref name="isEnd"/> returns true for the changes since the start.</summary>
    /// <returns>True if <paramref name="isEnd"/> ended it.</returns>
    public async Task<bool> WatchAsync(TimeSpan interval, Func<HostQueueList, bool> isEnd, CancellationToken stop)
    {
        var since = new WatchBaseline();
        bool inPlace = !json && _console.Profile.Out.IsTerminal;
        do
        {
            HostQueueList queues = selection.Read();
            since.Add(queues);
            if (inPlace) _console.Clear(home: true);
            Show(queues, since);
            if (isEnd(since.Of(queues))) return true;
        }
        while (await WaitAsync(interval, stop));
        return false;
    }

    // Returns false at the end: Ctrl-C or q.
    private static async Task<bool> WaitAsync(TimeSpan interval, CancellationToken stop)
    {
        for (TimeSpan left = interval; left > TimeSpan.Zero && !stop.IsCancellationRequested; left -= KeyInterval)
        {
            while (!Console.IsInputRedirected && Console.KeyAvailable)
                if (Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q') return false;
            await Task.Delay(left < KeyInterval ? left : KeyInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return !stop.IsCancellationRequested;
    }

    private void Show(HostQueueList queues, WatchBaseline? since)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(QueuesDocument.Of(queues, selection, since), QueuesJson.Default.QueuesDocument));
            return;
        }
        var table = new QueueTable(selection, since, _console.Profile.Width);
        _console.Write(table.Heading(queues));
        if (queues.Queues.Count > 0) _console.Write(table.Of(queues));
        if (explain)
        {
            List<IRenderable> advice = [.. table.Advice(queues)];
            foreach (IRenderable lines in advice)
            {
                _console.Write(lines);
                _console.WriteLine();
            }
            if (advice.Count == 0) _console.WriteLine("Nothing to explain: no queue above is three quarters full or has drops.");
        }
        foreach (string sentence in queues.NotRead) _console.MarkupLineInterpolated($"[grey]Not read: {sentence}[/]");
    }

    private static IAnsiConsole CreateConsole()
    {
        // Output to a file or a pipe isn't wrapped.
        if (!AnsiConsole.Profile.Out.IsTerminal) AnsiConsole.Profile.Width = WidthOfNoTerminal;
        return AnsiConsole.Console;
    }
}
