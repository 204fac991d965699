using System.Globalization;
using Rcomm.Listening;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcomm.Queues;

/// <summary>The queues as a table for people.</summary>
internal static class QueueTable
{
    private const int WideEnoughForBar = 100;
    private const int BarWidth = 16;

    /// <summary>The whole namespace's counters, in a line or two.</summary>
    public static IRenderable Heading(HostQueues queues, SinceBegan? since)
    {
        NamespaceCounters? counters = since?.Counters(queues) ?? queues.Counters;
        if (counters is null) return new Text("");

        string when = since is null ? "Since this network namespace began" : "Since this watch began";
        return new Markup(
            $"[bold]{when}:[/] {Lost(counters.ListenDrops)} handshakes dropped ({Lost(counters.ListenOverflows)} by full listen queues, " +
            $"{Lost(counters.RequestQueueFullDrops)} by full SYN queues), {Number(counters.SynCookiesSent)} SYN cookies sent\n");
    }

    /// <summary>The fullest first, then those that dropped most.</summary>
    public static Table Of(HostQueues queues, SinceBegan? since, int width)
    {
        bool wide = width >= WideEnoughForBar;
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("address").AddColumn("process");
        table.AddColumn(Right("waiting")).AddColumn(Right("backlog"));
        if (since is not null) table.AddColumn(Right("peak"));
        table.AddColumn(wide ? new TableColumn("how full") : Right("full"));
        table.AddColumn(Right("drops"));

        foreach (HostQueue queue in queues.Queues.OrderByDescending(queue => queue.Fullness).ThenByDescending(queue => queue.Drops ?? 0).ThenBy(queue => queue.Address.ToString(), StringComparer.Ordinal))
        {
            List<IRenderable> cells = [new Text(queue.Address.ToString()), new Text(Owners(queue)), new Text(Number(queue.Depth)), new Text(Number(queue.Backlog))];
            if (since is not null) cells.Add(new Text(Number(since.Peak(queue))));
            cells.Add(wide ? Bar(queue.Fullness) : new Text(Percent(queue.Fullness)));
            cells.Add(new Markup(Lost(since is null ? queue.Drops : since.Drops(queue))));
            table.AddRow(cells);
        }
        return table;
    }

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Owners(HostQueue queue) => queue.Owners switch
    {
        [] => "-",
        [var one] => one.ToString(),
        [var first, ..] => $"{first} +{queue.Owners.Count - 1}",
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
