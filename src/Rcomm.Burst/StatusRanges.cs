using System.Globalization;

namespace Rcomm.Burst;

/// <summary>The HTTP statuses that a burst expects, e.g. <c>200-299</c> or <c>200,304</c>.</summary>
public sealed class StatusRanges
{
    private const int Min = 100;
    private const int Max = 599;

    private readonly (int First, int Last)[] _ranges;
    private readonly string _text;

    private StatusRanges(string text, (int, int)[] ranges) => (_text, _ranges) = (text, ranges);

    /// <summary>Gets every status below 400.</summary>
    public static StatusRanges BelowFourHundred { get; } = new("below 400", [(Min, 399)]);

    /// <summary>Parses statuses and ranges of statuses, separated by commas.</summary>
    /// <exception cref="BurstException">The text isn't a valid list of statuses from 100 to 599.</exception>
    public static StatusRanges Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => Range(part, text))]);
    }

    /// <summary>Returns true if this status is expected.</summary>
    public bool Contains(int status) => Array.Exists(_ranges, range => status >= range.First && status <= range.Last);

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static (int, int) Range(string part, string text)
    {
        string[] ends = part.Split('-');
        return ends.Length <= 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            && first >= Min && last <= Max && first <= last
                ? (first, last)
                : throw new BurstException(BurstFailure.BadPlan, $"\"{text}\" isn't a list of HTTP statuses. Write them as 200-299 or 200,304.");
    }
}
