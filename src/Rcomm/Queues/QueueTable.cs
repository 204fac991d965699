using System.Globalization;
using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;
using Rcomm.Requests;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcomm.Queues;

/// <summary>Shows the queues as a table.</summary>
/// <param name="since">The baseline of a watch; null for a single reading.</param>
internal sealed class QueueTable(QueueSelection selection, WatchBaseline? since, int width)
{
    private const int WideEnoughForBar = 100;
    private const int BarWidth = 16;

    /// <summary>Returns the time and the namespace's counters, in one or two lines.</summary>
    public IRenderable Heading(HostQueueList queues)
    {
        NamespaceCounters? counters = (since?.Of(queues) ?? queues).Counters;
        string clock = $"[grey]{DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/]";
        if (counters is null) return new Markup(clock + "\n");

        string when = since is not null ? "Since the start of this watch"
            : queues.Namespaces.Count > 1 ? $"Since the start of these {queues.Namespaces.Count} network namespaces"
            : "Since the start of this network namespace";
        return new Markup(
            $"{clock} [bold]{when}:[/] {Lost(counters.ListenDrops)} handshakes dropped ({Lost(counters.ListenOverflows)} by full listen queues, " +
            $"{Lost(counters.RequestQueueFullDrops)} by full SYN queues), {Number(counters.SynCookiesSent)} SYN cookies sent\n");
    }

    /// <summary>Returns a row for each listening socket. An address or a process that is too wide for its column gets its own line.</summary>
    public IRenderable Of(HostQueueList queues)
    {
        bool wide = width >= WideEnoughForBar;
        string[] texts = selection.AllNamespaces ? ["address", "process", "namespace"] : ["address", "process"];
        List<string> numbers = ["waiting", "backlog"];
        if (since is not null) numbers.Add("peak");
        numbers.AddRange([wide ? "how full" : "full", "drops"]);
        var layout = new QueueLayout(texts, [.. numbers]);

        foreach (List<HostQueue> shards in selection.Sorted(queues.Queues))
        {
            if (shards.Count > 1) AddRow($"{shards[0].Address} ({shards.Count} shards)", shards);
            foreach (HostQueue queue in shards) AddRow(shards.Count > 1 ? "  one shard" : queue.Address.ToString(), [queue]);
        }
        return new Rows(layout.Lines(width).Select(line => new Markup(line)));

        // For several sockets, shows the sums.
        void AddRow(string name, List<HostQueue> sockets)
        {
            string[] left = [name, Owners([.. sockets.SelectMany(queue => queue.Owners).Distinct()]), Place(sockets[0])];
            layout.Add(left[..texts.Length], [.. Numbers(sockets, wide)]);
        }
    }

    private IEnumerable<string> Numbers(List<HostQueue> sockets, bool wide)
    {
        int depth = sockets.Sum(queue => queue.Depth), backlog = sockets.Sum(queue => queue.Backlog);
        double fullness = sockets.Count == 1 ? sockets[0].Fullness : (double)depth / Math.Max(1, backlog);
        yield return Number(depth);
        // A setting is shown as it is written.
        yield return backlog.ToString(CultureInfo.InvariantCulture);
        if (since is not null) yield return Number(sockets.Sum(since.Peak));
        yield return wide ? Bar(fullness) : Percent(fullness);
        yield return Lost(sockets.Exists(queue => queue.Drops is null)
            ? null
            : sockets.Sum(queue => (long?)(since is null ? queue.Drops : since.Drops(queue))));
    }

    /// <summary>Returns two lines for each queue that is nearly full or has drops: how to raise it now, and permanently.</summary>
    public IEnumerable<IRenderable> Advice(HostQueueList queues)
    {
        foreach (HostQueue queue in selection.Sorted(queues.Queues).SelectMany(shards => shards))
        {
            long drops = (since is null ? queue.Drops : since.Drops(queue)) ?? 0;
            if (queue.Fullness < 0.75 && drops == 0) continue;
            int? cap = queues.Namespaces.FirstOrDefault(reading => queue.Namespace is null
                ? reading.Namespace is null or { IsOwn: true }
                : reading.Namespace == queue.Namespace)?.Cap;
            QueueAdvice advice = QueueAdvice.For(queue, QueueAdvice.Enough(queue, drops), cap);
            string line = $"{QueueName.Of(queue)}: {Number(queue.Depth)} of {queue.Backlog} waiting, {Number(drops)} dropped";
            yield return Markup.FromInterpolated(CultureInfo.InvariantCulture,
                $"{Printable.Of(line)}\n  [bold]now[/]          {Printable.Of(advice.Now)}\n  [bold]permanently[/]  {Printable.Of(advice.ForGood)}");
        }
    }

    private static string Place(HostQueue queue) =>
        queue.Owners.Select(owner => owner.Container).FirstOrDefault(container => container is not null) ?? queue.Namespace?.ToString() ?? "host";

    private static string Owners(List<SocketOwner> owners) => owners switch
    {
        [] => "-",
        [var one] => one.ToString(),
        [var first, ..] => $"{first} +{owners.Count - 1}",
    };

    private static string Bar(double fullness)
    {
        int filled = (int)Math.Ceiling(Math.Min(1, fullness) * BarWidth);
        string colour = fullness >= 1 ? "red" : fullness >= 0.75 ? "yellow" : "green";
        return $"[{colour}]{new string('█', filled)}[/][grey]{new string('·', BarWidth - filled)}[/] {Percent(fullness),4}";
    }

    private static string Percent(double fullness) => fullness.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);

    private static string Lost(long? count) => count > 0 ? $"[red]{Number(count)}[/]" : Number(count);

    private static string Number(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";
}
