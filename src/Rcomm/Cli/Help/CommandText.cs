using System.CommandLine;
using System.CommandLine.Help;
using Rcomm.Settings;

namespace Rcomm.Cli.Help;

/// <summary>Commands and options as shown by help, manual and completions.</summary>
internal static class CommandText
{
    private static readonly HashSet<string> Flags = [.. SettingCatalog.All.Select(setting => setting.Flag)];

    /// <summary>Returns e.g. <c>rcomm backlog N [OPTIONS]</c>.</summary>
    public static string Usage(Command command)
    {
        string arguments = string.Concat(command.Arguments.Select(one => one.Arity.MinimumNumberOfValues == 0 ? $" [{one.Name}]" : $" {one.Name}"));
        return $"rcomm {command.Name}{arguments} [OPTIONS]";
    }

    /// <summary>Returns the options that aren't settings of a server, help last.</summary>
    public static IEnumerable<Option> OwnOptions(Command command, RootCommand root) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive))
            .Where(option => !option.Hidden && !IsSetting(option))
            .Where(option => option.Name != "--help-all" || command == root || command.Options.Any(IsSetting))
            .Distinct().OrderBy(option => option is HelpOption || option.Name == "--help-all");

    /// <summary>Returns true for a setting of <c>rcomm serve</c>; other commands may use the same flag for something else.</summary>
    public static bool IsSetting(Symbol symbol) => CommandLineSettings.IsSetting(symbol);

    /// <summary>Returns true if a command takes this setting.</summary>
    public static bool Has(Command command, Setting setting) =>
        command.Options.Concat<Symbol>(command.Arguments).Any(symbol => symbol.Name == (setting.Argument ?? setting.Flag) && IsSetting(symbol));

    /// <summary>Returns e.g. <c>-b, --backlog &lt;N&gt;</c>.</summary>
    public static string Term(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-') && alias != "-?").Order(StringComparer.Ordinal)
            .Append(option.Name));
        return Value(option) is { } value ? $"{names} {value}" : names;
    }

    /// <summary>Returns the placeholder of an option's value; null if it has none.</summary>
    public static string? Value(Option option) =>
        option is HelpOption or VersionOption || option.ValueType == typeof(bool) ? null
        : option.HelpName is not { } name ? "<VALUE>"
        : name.All(c => char.IsAsciiLetterUpper(c)) ? $"<{name}>" : name;

    /// <summary>Returns the words that complete a value.</summary>
    public static IReadOnlyList<string> Choices(Symbol symbol) =>
        [.. symbol.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(one => one.InsertText ?? one.Label)
            // Enum values are named as in the code.
            .Select(word => symbol is Option { ValueType.IsEnum: true } ? word.ToLowerInvariant() : word).Where(word => !word.StartsWith('-'))];

    public static string Description(Symbol symbol) => symbol is HelpOption ? "show this help" : symbol.Description ?? "";
}
