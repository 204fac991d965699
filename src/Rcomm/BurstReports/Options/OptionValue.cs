using System.CommandLine;
using System.Globalization;
using Rcomm.Settings;

namespace Rcomm.BurstReports.Options;

/// <summary>Declares options with a value, and parses their values.</summary>
internal static class OptionValue
{
    public static Option<string?> Of(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    public static Option<bool> Switch(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    /// <exception cref="ConfigurationException">The value isn't valid; the message names the option.</exception>
    public static T Read<T>(this ParseResult parsed, Option<string?> option, Reader<T> parse, T otherwise)
    {
        if (parsed.GetValue(option) is not { } text) return otherwise;
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{option.Name} {text}: {e.Message}");
        }
    }

    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    public static double PositiveNumber(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new FormatException("write a number of connections each second, e.g. 20000");

    /// <summary>Parses a percentage to a number from 0 to 1.</summary>
    public static double Share(string text) =>
        text is [.. var number, '%'] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent <= 100
            ? percent / 100
            : throw new FormatException("write a share of the connections in percent, e.g. 0.1%");
}
