using System.CommandLine;
using System.CommandLine.Help;
using Rcomm.Settings;

namespace Rcomm.Cli.Help;

/// <summary>Commands and options as help, manual and completions show them.</summary>
internal static class CommandText
{
    private static readonly HashSet<string> Flags = [.. SettingCatalog.All.Select(setting => setting.Flag)];

    /// <summary><c>rcomm backlog N [OPTIONS]</c>.</summary>
    public static string Usage(Command command)
    {
        string arguments = string.Concat(command.Arguments.Select(one => one.Arity.MinimumNumberOfValues == 0 ? $" [{one.Name}]" : $" {one.Name}"));
        return $"rcomm {command.Name}{arguments} [OPTIONS]";
    }

    /// <summary>The options that aren't settings of a server, the help last.</summary>
    public static IEnumerable<Option> OwnOptions(Command command, RootCommand root) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive))
            .Where(option => !option.Hidden && !IsSetting(option))
            .Where(option => option.Name != "--help-all" || command == root || command.Options.Any(IsSetting))
            .Distinct().OrderBy(option => option is HelpOption || option.Name == "--help-all");

    /// <summary>True for a setting of <c>rcomm serve</c>; another command may use the same flag for something else.</summary>
    public static bool IsSetting(Symbol symbol) => CommandLineSettings.IsSetting(symbol);

    /// <summary>True where a command takes this setting.</summary>
    public static bool Has(Command command, Setting setting) =>
        command.Options.Concat<Symbol>(command.Arguments).Any(symbol => symbol.Name == (setting.Argument ?? setting.Flag) && IsSetting(symbol));

    /// <summary><c>-b, --backlog &lt;N&gt;</c>.</summary>
    public static string Term(Option option)
    {
        string names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-') && alias != "-?").Order(StringComparer.Ordinal)
            .Append(option.Name));
        return Value(option) is { } value ? $"{names} {value}" : names;
    }

    /// <summary>The placeholder of an option's value; null where it has none.</summary>
    public static string? Value(Option option) =>
        option is HelpOption or VersionOption || option.ValueType == typeof(bool) ? null
        : option.HelpName is not { } name ? "<VALUE>"
        : name.All(c => char.IsAsciiLetterUpper(c)) ? $"<{name}>" : name;

    /// <summary>The words that complete a value.</summary>
    public static IReadOnlyList<string> Choices(Symbol symbol) =>
        [.. symbol.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(one => one.InsertText ?? one.Label)
            // Words for an enum's values come as the code has them.
            .Select(word => symbol is Option { ValueType.IsEnum: true } ? word.ToLowerInvariant() : word).Where(word => !word.StartsWith('-'))];

    public static string Description(Symbol symbol) => symbol is HelpOption ? "show this help" : symbol.Description ?? "";
}
