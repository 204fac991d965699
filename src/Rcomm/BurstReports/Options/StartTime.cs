using System.Globalization;
using Rcomm.Burst;
using Rcomm.Settings;

namespace Rcomm.BurstReports.Options;

/// <summary>Parses the instant of <c>--at</c>, in forms that mean the same on every machine.</summary>
internal static class StartTime
{
    private const string Examples = "write 2026-01-31T12:00:00Z, 12:00:00 (UTC) or +30s";

    // The generator needs some time to prepare.
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(500);

    /// <exception cref="FormatException">The text isn't a valid instant, or it is too soon or too far away.</exception>
    public static DateTimeOffset Parse(string text, DateTimeOffset now)
    {
        DateTimeOffset instant = Instant(text, now);
        TimeSpan left = instant - now;
        if (left < MinDelay)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"that was {(now - instant).TotalSeconds:F1} s ago (it is {now:HH:mm:ss} UTC here); give an instant in the future"));
        return left <= BurstPlan.MaxStartDelay ? instant : throw new FormatException($"that is more than a day away; {Examples}");
    }

    private static DateTimeOffset Instant(string text, DateTimeOffset now)
    {
        if (text is ['+', .. var delay]) return now + SettingParsers.Time(delay);
        if (TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time))
        {
            DateTimeOffset today = new(DateOnly.FromDateTime(now.UtcDateTime), time, TimeSpan.Zero);
            // 00:00:05 requested at 23:59 is tomorrow's.
            return today < now - TimeSpan.FromHours(12) ? today.AddDays(1) : today;
        }
        return text.Length >= 16 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant)
            ? instant
            : throw new FormatException(Examples);
    }
}
