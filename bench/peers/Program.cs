using System.Globalization;
using Rcomm.Peers;

Options options = Options.Parse(args);
using var folders = new Folders();
var results = new Results();
var comparison = new Comparison(options, folders, results);

DateTimeOffset began = DateTimeOffset.UtcNow;
await comparison.RunAsync();

var report = new Report(options, results, began, DateTimeOffset.UtcNow - began);
File.WriteAllText("results/results.md", report.Markdown());
File.WriteAllText("results/results.html", report.Html());
Console.WriteLine(report.Markdown());

namespace Rcomm.Peers
{
    /// <summary>What is asked for on the command line.</summary>
    internal sealed record Options(int Rounds, TimeSpan LoadTime, TimeSpan QuietTime, IReadOnlyList<int> Bursts, IReadOnlyList<Peer> Peers, IReadOnlySet<string> Skip, string Arguments)
    {
        public static Options Parse(string[] args)
        {
            bool quick = args.Contains("--quick");
            return new(
                int.Parse(After("--rounds") ?? (quick ? "1" : "3"), CultureInfo.InvariantCulture),
                TimeSpan.FromSeconds(quick ? 1 : 5),
                TimeSpan.FromSeconds(quick ? 1 : 60),
                quick ? [200] : [1000, 5000, 15_000],
                [.. Peer.All.Where(peer => After("--only") is not { } only || only.Split(',').Contains(peer.Name))],
                (After("--skip") ?? "").Split(',').ToHashSet(),
                string.Join(' ', args));

            string? After(string flag) => Array.IndexOf(args, flag) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;
        }
    }
}
