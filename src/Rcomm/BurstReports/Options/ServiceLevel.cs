using System.Globalization;
using Rcomm.Burst.Results;
using Rcomm.Settings;

namespace Rcomm.BurstReports.Options;

/// <summary>A limit for a percentile of the time to the first byte, e.g. <c>p99.9=250ms</c>.</summary>
internal sealed record ServiceLevel(double Percentile, TimeSpan Limit)
{
    private static readonly double[] Kept = [50, 90, 99, 99.9, 100];

    /// <exception cref="FormatException">The text isn't a valid percentile and time.</exception>
    public static ServiceLevel Parse(string text)
    {
        string[] parts = text.Split('=', 2);
        string name = parts[0].Trim();
        double percentile = name == "max" ? 100 : name is ['p', .. var number]
            && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double given) ? given : 0;
        return parts.Length == 2 && Kept.Contains(percentile)
            ? new(percentile, SettingParsers.Time(parts[1]))
            : throw new FormatException("write p50, p90, p99, p99.9 or max, and a time, e.g. p99.9=250ms");
    }

    /// <summary>Returns the time that the limit applies to.</summary>
    public double? Of(BurstSummary summary) => (summary.FirstByte ?? summary.Connect)?.At(Percentile);

    public bool Holds(BurstSummary summary) => Of(summary) is { } ms && ms <= Limit.TotalMilliseconds;

    public override string ToString() => Percentile == 100 ? "max" : string.Create(CultureInfo.InvariantCulture, $"p{Percentile}");
}
