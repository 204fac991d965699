using System.Globalization;
using Rcomm.Soak;

// dotnet run -c Release --project bench/Rcomm.Soak [-- SECONDS]: how long each step takes at least; 15 by default.
TimeSpan time = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15);

using var site = new Site();
var load = new Load(site.Port);
using var stop = new CancellationTokenSource();
Task[] clients = load.Start(stop.Token);

List<StepResult> results = [];
foreach (Step step in Step.All(site))
{
    Console.Error.WriteLine(step.Name);
    results.Add(await step.RunAsync(site, load, time));
}
await stop.CancelAsync();
await Task.WhenAll(clients);
await site.StopAsync();

Console.WriteLine(StepResult.Table(results));
foreach (string failure in load.Failures.Take(20)) Console.WriteLine(failure);
return results.TrueForAll(result => result.Lost == 0) ? 0 : 1;
