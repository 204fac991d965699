using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rcomm.Peers;

/// <summary>The run as a Markdown table and as a page of plots. What was not measured is a dash, never a number.</summary>
internal sealed class Report(Options options, Results results, DateTimeOffset began, TimeSpan took, int rounds)
{
    private const string Reference = "nginx";

    private static readonly string Versions = string.Join("; ", [
        Tools.Version("nginx", "-v") ?? "no nginx", Tools.Version("haproxy", "-v")
            ?? "no haproxy", Tools.Version("node", "-v") is { } node ? $"Node {node}" : "no Node", $".NET {Environment.Version}",
    ]);

    public string Markdown()
    {
        var text = new StringBuilder();
        foreach (string line in Conditions()) text.Append(line).Append('\n');
        if (results.Failures.Count > 0) text.Append("\nNot measured:\n\n");
        foreach (string failure in results.Failures) text.Append("- ").Append(failure).Append('\n');
        text.Append("\nMedians; in parentheses the ratio to nginx.\n");
        foreach (IGrouping<string, Measure> group in results.Measures.GroupBy(measure => measure.Group))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\n**{group.Key}**\n\n| |{string.Concat(options.Peers.Select(peer => $" {peer.Name} |"))}\n" +
                $"|---|{string.Concat(options.Peers.Select(_ => "--:|"))}\n");
            foreach (Measure measure in group)
                text.Append(CultureInfo.InvariantCulture,
                    $"| {measure.Name}{(measure.HasRatio ? measure.MoreIsBetter ? " (more is better)" : " (less is better)" : "")} " +
                    $"|{string.Concat(options.Peers.Select(peer => $" {Cell(measure, peer)} |"))}\n");
        }
        return text.ToString();
    }

    public string Html()
    {
        using Stream page = typeof(Report).Assembly.GetManifestResourceStream("report.html")!;
        string template = new StreamReader(page).ReadToEnd();
        var data = new
        {
            conditions = Conditions(),
            failures = results.Failures,
            waitedMs = Tools.BurstTimeout.TotalMilliseconds,
            peers = options.Peers.Select(peer => peer.Name),
            measures = results.Measures.Where(measure => measure.IsPlotted).Select(measure => new
            {
                group = measure.Group,
                name = measure.Name,
                more = measure.MoreIsBetter,
                ratio = measure.HasRatio,
                // JSON has no infinity: -1 means longer than the maximum wait.
                medians = options.Peers.Select(peer => results.Median(measure, peer.Name) is { } median && double.IsInfinity(median)
                    ? -1
                    : results.Median(measure, peer.Name)),
                figures = options.Peers.Select(peer => results.All(measure, peer.Name).Where(double.IsFinite)),
            }),
        };
        return template.Replace("/*data*/null", JsonSerializer.Serialize(data), StringComparison.Ordinal);
    }

    private List<string> Conditions() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"`bench/peers/run{(options.Arguments == "" ? "" : " " + options.Arguments)}`, " +
            $"{began:yyyy-MM-dd}, {rounds} of {options.Rounds} rounds in turns, {took.TotalMinutes:0} minutes. "
            + $"{Environment.ProcessorCount} cores, which servers and load share; Linux {Read("/proc/sys/kernel/osrelease")}; " +
                $"net.core.somaxconn {Read("/proc/sys/net/core/somaxconn")}. {Versions}."),
        "",
        .. options.Peers.Select(peer => $"- {peer.Name}: {peer.What}"),
    ];

    private string Cell(Measure measure, Peer peer)
    {
        if (results.Median(measure, peer.Name) is not { } median) return "–";
        if (double.IsInfinity(median)) return string.Create(CultureInfo.InvariantCulture, $"over {Tools.BurstTimeout.TotalMilliseconds:N0}");
        string number = median.ToString(Math.Abs(median) >= 100 ? "N0" : "0.#", CultureInfo.InvariantCulture);
        return measure.HasRatio && peer.Name != Reference && results.Median(measure, Reference) is > 0 and < double.PositiveInfinity and { } reference
            ? string.Create(CultureInfo.InvariantCulture, $"{number} ({median / reference:0.00})")
            : number;
    }

    private static string Read(string file) => File.ReadAllText(file).Trim();
}
