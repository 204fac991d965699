using System.Globalization;

namespace Rcomm.BurstReports;

/// <summary>Formats numbers for people.</summary>
internal static class HumanFormat
{
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) => perSecond.ToString("#,0.#", CultureInfo.InvariantCulture);

    /// <summary>Formats a time: <c>0.42 ms</c>, <c>12.3 ms</c>, <c>1.01 s</c>, with three digits and a suitable unit.</summary>
    public static string Time(double milliseconds) => milliseconds switch
    {
        < 9.995 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F2} ms"),
        < 99.95 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F1} ms"),
        < 999.5 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F0} ms"),
        < 9995 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:F2} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:F1} s"),
    };
}
