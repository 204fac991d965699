using System.Globalization;
using Rcomm.Soak;

// dotnet run -c Release --project bench/Rcomm.Soak [-- SECONDS [TEXT]]: how long each step takes at least, 15 by default; only the steps
// with TEXT in their name.
TimeSpan time = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15);
string text = args.Length > 1 ? args[1] : "";

using var site = new Site();
var load = new Load(site.Port);
using var stop = new CancellationTokenSource();
Task[] clients = load.Start(stop.Token);

List<StepResult> results = [];
string? broken = null;
foreach (Step step in Steps.All(site).Where(step => step.Name.Contains(text, StringComparison.Ordinal)))
{
    Console.Error.WriteLine(step.Name);
    try
    {
        results.Add(await step.RunAsync(site, load, time));
    }
    catch (Exception e)
    {
        // The next steps need the state that this step should have left. The server is ended anyway.
        broken = $"{step.Name}: {e.Message}";
        break;
    }
}
await stop.CancelAsync();
if (broken is null)
{
    await Task.WhenAll(clients);
    await site.StopAsync();
}

Console.WriteLine(StepResult.Table(results));
if (broken is not null) Console.WriteLine(broken);
foreach (string failure in load.Failures.Take(20)) Console.WriteLine(failure);
return broken is null && results.TrueForAll(result => result.Lost == 0) ? 0 : 1;
