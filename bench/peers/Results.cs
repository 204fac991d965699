using System.Globalization;

namespace Rcomm.Peers;

/// <summary>One thing that is measured of each server.</summary>
/// <param name="Group">What belongs together in a table.</param>
/// <param name="Name">What, with its unit.</param>
/// <param name="MoreIsBetter">How the ratio to nginx is to be read.</param>
/// <param name="HasRatio">False for counts, which may be zero.</param>
internal sealed record Measure(string Group, string Name, bool MoreIsBetter, bool HasRatio = true);

/// <summary>Every figure of a run, and the medians of them.</summary>
internal sealed class Results
{
    private readonly List<Measure> _measures = [];
    private readonly Dictionary<(Measure, string Peer), List<double>> _figures = [];

    public IReadOnlyList<Measure> Measures => _measures;

    public void Add(Measure measure, Peer peer, double figure)
    {
        if (!_measures.Contains(measure)) _measures.Add(measure);
        if (!_figures.TryGetValue((measure, peer.Name), out List<double>? figures)) _figures[(measure, peer.Name)] = figures = [];
        figures.Add(figure);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {measure.Group}, {measure.Name}, {peer.Name}: {figure:0.##}"));
    }

    /// <summary>The median of what was measured; null where nothing was.</summary>
    public double? Median(Measure measure, string peer)
    {
        if (!_figures.TryGetValue((measure, peer), out List<double>? figures)) return null;
        List<double> sorted = [.. figures.Where(double.IsFinite).Order()];
        return sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    public IReadOnlyList<double> All(Measure measure, string peer) => _figures.GetValueOrDefault((measure, peer)) ?? [];
}
