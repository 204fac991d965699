using System.Globalization;
using Rcomm.Listening.HostQueues;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcomm.Queues;

/// <summary>The queues as a table for people.</summary>
internal static class QueueTable
{
    private const int WideEnoughForBar = 100;
    private const int BarWidth = 16;

    /// <summary>The whole namespace's counters, in a line or two.</summary>
    public static IRenderable Heading(HostQueueList queues, SinceBegan? since)
    {
        NamespaceCounters? counters = since?.Counters(queues) ?? queues.Counters;
        if (counters is null) return new Text("");

        string when = since is null ? "Since this network namespace began" : "Since this watch began";
        return new Markup(
            $"[bold]{when}:[/] {Lost(counters.ListenDrops)} handshakes dropped ({Lost(counters.ListenOverflows)} by full listen queues, " +
            $"{Lost(counters.RequestQueueFullDrops)} by full SYN queues), {Number(counters.SynCookiesSent)} SYN cookies sent\n");
    }

    /// <summary>The fullest first, then those that dropped most.</summary>
    public static Table Of(HostQueueList queues, SinceBegan? since, int width)
    {
        bool wide = width >= WideEnoughForBar;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("address").AddColumn("process");
        table.AddColumn(Right("waiting")).AddColumn(Right("backlog"));
        if (since is not null) table.AddColumn(Right("peak"));
        table.AddColumn(wide ? new TableColumn("how full") : Right("full"));
        table.AddColumn(Right("drops"));

        foreach (List<HostQueue> shards in ByAddress(queues.Queues))
        {
            if (shards.Count > 1) AddRow($"{shards[0].Address} ({shards.Count} shards)", shards);
            foreach (HostQueue queue in shards) AddRow(shards.Count > 1 ? "  one shard" : queue.Address.ToString(), [queue]);
        }
        return table;

        // Of several sockets, the sums.
        void AddRow(string name, List<HostQueue> sockets)
        {
            int depth = sockets.Sum(queue => queue.Depth), backlog = sockets.Sum(queue => queue.Backlog);
            double fullness = sockets.Count == 1 ? sockets[0].Fullness : (double)depth / Math.Max(1, backlog);
            List<IRenderable> cells = [new Text(name), new Text(Owners([.. sockets.SelectMany(queue => queue.Owners).Distinct()])), new Text(Number(depth)), new Text(Number(backlog))];
            if (since is not null) cells.Add(new Text(Number(sockets.Sum(since.Peak))));
            cells.Add(wide ? Bar(fullness) : new Text(Percent(fullness)));
            cells.Add(new Markup(Lost(sockets.Exists(queue => queue.Drops is null) ? null : sockets.Sum(queue => (long?)(since is null ? queue.Drops : since.Drops(queue))))));
            table.AddRow(cells);
        }
    }

    // Sockets on one TCP address are shards of it (SO_REUSEPORT).
    private static IEnumerable<List<HostQueue>> ByAddress(IEnumerable<HostQueue> queues) => queues
        .GroupBy(queue => queue.Address.IsUnix ? $"{queue.Inode}" : queue.Address.ToString())
        .Select(group => group.OrderByDescending(queue => queue.Fullness).ThenByDescending(queue => queue.Drops ?? 0).ToList())
        .OrderByDescending(shards => shards[0].Fullness).ThenByDescending(shards => shards.Max(queue => queue.Drops ?? 0)).ThenBy(shards => shards[0].Address.ToString(), StringComparer.Ordinal);

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Owners(List<SocketOwner> owners) => owners switch
    {
        [] => "-",
        [var one] => one.ToString(),
        [var first, ..] => $"{first} +{owners.Count - 1}",
    };

    private static Markup Bar(double fullness)
    {
        int filled = (int)Math.Ceiling(Math.Min(1, fullness) * BarWidth);
        string colour = fullness >= 1 ? "red" : fullness >= 0.75 ? "yellow" : "green";
        return new Markup($"[{colour}]{new string('█', filled)}[/][grey]{new string('·', BarWidth - filled)}[/] {Percent(fullness)}");
    }

    private static string Percent(double fullness) => fullness.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);

    private static string Lost(long? count) => count > 0 ? $"[red]{Number(count)}[/]" : Number(count);

    private static string Number(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";
}
