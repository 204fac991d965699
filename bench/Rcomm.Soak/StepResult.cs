using System.Globalization;

namespace Rcomm.Soak;

/// <summary>What was sent and answered in a step.</summary>
internal sealed record StepResult(string Name, int Times, TimeSpan Time, long Sent, long Answered, int BurstSent, int BurstAnswered)
{
    /// <summary>Why the step couldn't be run here; null if it was.</summary>
    public string? Skipped { get; private init; }

    /// <summary>Requests and connections that weren't answered completely.</summary>
    public long Lost => Sent - Answered + BurstSent - BurstAnswered;

    private string Row => Skipped is not null
        ? $"| {Name} | skipped: {Skipped} | | | | | | |"
        : string.Create(CultureInfo.InvariantCulture,
            $"| {Name} | {Times} | {Time.TotalSeconds:0} | {Sent:N0} | {Answered:N0} | {BurstSent:N0} | {BurstAnswered:N0} | {Lost} |");

    public static StepResult Skip(string name, string why) => new(name, 0, TimeSpan.Zero, 0, 0, 0, 0) { Skipped = why };

    public static string Table(IReadOnlyList<StepResult> results) => string.Join('\n',
    [
        "| step | times | seconds | requests sent | answered | burst connections | answered | lost |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        .. results.Select(result => result.Row),
        string.Create(CultureInfo.InvariantCulture,
            $"| **all** | | {results.Sum(result => result.Time.TotalSeconds):0} | {results.Sum(result => result.Sent):N0} | " +
            $"{results.Sum(result => result.Answered):N0} | {results.Sum(result => result.BurstSent):N0} | " +
            $"{results.Sum(result => result.BurstAnswered):N0} | **{results.Sum(result => result.Lost)}** |"),
    ]);
}
