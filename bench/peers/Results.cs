using System.Globalization;

namespace Rcomm.Peers;

/// <summary>A figure that is measured for each server.</summary>
/// <param name="Group">The table that it belongs to.</param>
/// <param name="Name">Its name, with the unit.</param>
/// <param name="MoreIsBetter">How the ratio to nginx is to be read.</param>
/// <param name="HasRatio">False for counts, which may be zero.</param>
/// <param name="IsPlotted">False if it only explains another figure; it is then only in the table.</param>
internal sealed record Measure(string Group, string Name, bool MoreIsBetter, bool HasRatio = true, bool IsPlotted = true);

/// <summary>All figures of a run, and their medians.</summary>
internal sealed class Results
{
    private readonly List<Measure> _measures = [];
    private readonly Dictionary<(Measure, string Peer), List<double>> _figures = [];

    private readonly List<string> _failures = [];

    public IReadOnlyList<Measure> Measures => _measures;

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> Failures => _failures;

    public void Add(Measure measure, Peer peer, double figure)
    {
        if (!_measures.Contains(measure)) _measures.Add(measure);
        if (!_figures.TryGetValue((measure, peer.Name), out List<double>? figures)) _figures[(measure, peer.Name)] = figures = [];
        figures.Add(figure);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {measure.Group}, {measure.Name}, {peer.Name}: {figure:0.##}"));
    }

    public void AddFailure(Peer peer, string what, string why)
    {
        _failures.Add($"{peer.Name}, {what}: {why}");
        Console.Error.WriteLine($"  {_failures[^1]}");
    }

    /// <summary>The median of the measurements; null if there are none. Infinity if it exceeds the maximum wait.</summary>
    public double? Median(Measure measure, string peer)
    {
        if (!_figures.TryGetValue((measure, peer), out List<double>? figures)) return null;
        List<double> sorted = [.. figures.Where(figure => !double.IsNaN(figure)).Order()];
        return sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    public IReadOnlyList<double> All(Measure measure, string peer) => _figures.GetValueOrDefault((measure, peer)) ?? [];
}
