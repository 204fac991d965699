using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rcomm.Peers;

/// <summary>The run as a Markdown table and as a page of plots. What was not measured is a dash, never a number.</summary>
internal sealed class Report(Options options, Results results, DateTimeOffset began, TimeSpan took)
{
    private const string Reference = "nginx";

    public string Markdown()
    {
        var text = new StringBuilder();
        foreach (string line in Conditions()) text.Append(line).Append('\n');
        text.Append("\nMedians; in parentheses the ratio to nginx.\n");
        foreach (IGrouping<string, Measure> group in results.Measures.GroupBy(measure => measure.Group))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**{group.Key}**\n\n| |{string.Concat(options.Peers.Select(peer => $" {peer.Name} |"))}\n|---|{string.Concat(options.Peers.Select(_ => "--:|"))}\n");
            foreach (Measure measure in group)
                text.Append(CultureInfo.InvariantCulture, $"| {measure.Name}{(measure.HasRatio ? measure.MoreIsBetter ? " (more is better)" : " (less is better)" : "")} |{string.Concat(options.Peers.Select(peer => $" {Cell(measure, peer)} |"))}\n");
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
            peers = options.Peers.Select(peer => peer.Name),
            measures = results.Measures.Select(measure => new
            {
                group = measure.Group,
                name = measure.Name,
                more = measure.MoreIsBetter,
                ratio = measure.HasRatio,
                medians = options.Peers.Select(peer => results.Median(measure, peer.Name)),
                figures = options.Peers.Select(peer => results.All(measure, peer.Name).Where(double.IsFinite)),
            }),
        };
        return template.Replace("/*data*/null", JsonSerializer.Serialize(data), StringComparison.Ordinal);
    }

    private List<string> Conditions() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"`bench/peers/run{(options.Arguments == "" ? "" : " " + options.Arguments)}`, {began:yyyy-MM-dd}, {options.Rounds} rounds in turns, {took.TotalMinutes:0} minutes. "
            + $"{Environment.ProcessorCount} cores, which servers and load share; Linux {Environment.OSVersion.Version}; net.core.somaxconn {File.ReadAllText("/proc/sys/net/core/somaxconn").Trim()}. "
            + $"{Tools.Version("/usr/sbin/nginx", "-v")}; {Tools.Version("/usr/sbin/haproxy", "-v")}; Node {Tools.Version("node", "-v")}; .NET {Environment.Version}."),
        "",
        .. options.Peers.Select(peer => $"- {peer.Name}: {peer.What}"),
    ];

    private string Cell(Measure measure, Peer peer)
    {
        if (results.Median(measure, peer.Name) is not { } median) return "–";
        string number = median.ToString(median >= 100 ? "N0" : "0.#", CultureInfo.InvariantCulture);
        return measure.HasRatio && peer.Name != Reference && results.Median(measure, Reference) is > 0 and { } reference
            ? string.Create(CultureInfo.InvariantCulture, $"{number} ({median / reference:0.00})")
            : number;
    }
}
