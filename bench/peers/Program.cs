using Rcomm.Peers;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using var folders = new Folders();
var results = new Results();
DateTimeOffset began = DateTimeOffset.UtcNow;
int rounds = 0;
await foreach (int round in new Comparison(options, folders, results).RoundsAsync())
{
    rounds = round;
    Write();
}
Console.WriteLine(Write());
return 0;

// After each round, so that an interrupted run has results.
string Write()
{
    var report = new Report(options, results, began, DateTimeOffset.UtcNow - began, rounds);
    File.WriteAllText("results/results.md", report.Markdown());
    File.WriteAllText("results/results.html", report.Html());
    return report.Markdown();
}
