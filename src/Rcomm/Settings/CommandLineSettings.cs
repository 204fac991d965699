using System.Collections;
using System.CommandLine;
using Rcomm.Settings.Groups;

namespace Rcomm.Settings;

/// <summary>The settings as arguments and options of a command.</summary>
internal static class CommandLineSettings
{
    private static readonly Option<string?> ConfigOption = new(ConfigurationFile.Flag, "-c")
    {
        Description = "a JSON file with settings; by default rcomm.json, if it exists",
        HelpName = "FILE",
    };

    private static readonly Option<string?> EnvironmentFileOption = new(EnvironmentFile.Flag)
    {
        Description = "a file of variables, one NAME=value a line; they override the environment, and SIGHUP reloads them; " +
            "write -FILE if it is optional",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = $"short for {LoggingGroup.LogLevel.Flag} warning" };
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = $"short for {LoggingGroup.LogLevel.Flag} debug" };

    private static readonly List<(Setting Setting, Symbol Symbol)> Symbols = [.. SettingCatalog.All.Select(setting => (setting, SymbolOf(setting)))];

    private static readonly Argument<string?> UpstreamArgument = new("UPSTREAM")
    {
        Description = ProxyGroup.Upstream.Meaning, HelpName = ProxyGroup.Upstream.Kind.Placeholder, Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Returns true for the option or the argument of a setting.</summary>
    public static bool IsSetting(Symbol symbol) => Symbols.Exists(one => one.Symbol == symbol);

    /// <summary>Adds every setting to a command.</summary>
    public static void AddTo(Command command)
    {
        foreach ((_, Symbol symbol) in Symbols)
        {
            if (symbol is Argument<string?> argument) command.Arguments.Add(argument);
            else command.Options.Add((Option)symbol);
        }
        AddCommon(command);
    }

    /// <summary>Adds every setting to a command, with the upstream as its argument.</summary>
    public static void AddToProxy(Command command)
    {
        command.Arguments.Add(UpstreamArgument);
        foreach ((Setting setting, Symbol symbol) in Symbols)
            if (symbol is Option option && setting != ProxyGroup.Upstream) command.Options.Add(option);
        AddCommon(command);
    }

    /// <summary>Adds the options that name the settings' files to a command, but no setting.</summary>
    public static void AddFiles(Command command)
    {
        command.Options.Add(ConfigOption);
        command.Options.Add(EnvironmentFileOption);
    }

    private static void AddCommon(Command command)
    {
        AddFiles(command);
        command.Options.Add(Quiet);
        command.Options.Add(Verbose);
    }

    /// <summary>Reads the settings from the command line, the environment and the file.</summary>
    /// <exception cref="ConfigurationException">The file can't be read.</exception>
    public static SettingSources Read(ParseResult parsed)
    {
        Dictionary<string, string> environment = ReadEnvironment();
        string? links = ServiceLinks.RemoveFrom(environment);
        EnvironmentFile environmentFile = EnvironmentFile.Read(parsed.GetValue(EnvironmentFileOption), environment.GetValueOrDefault(EnvironmentFile.Variable));
        ConfigurationFile file = ConfigurationFile.Read(
            parsed.GetValue(ConfigOption), environmentFile.Variables.GetValueOrDefault(ConfigurationFile.Variable)
                ?? environment.GetValueOrDefault(ConfigurationFile.Variable));
        var sources = new SettingSources(ReadFlags(parsed), environmentFile, environment, file);
        if (links is not null) sources.Warn(links);
        return sources;
    }

    private static Symbol SymbolOf(Setting setting)
    {
        ValueKind kind = setting.Kind;
        if (setting.Argument is { } name)
            return new Argument<string?>(name) { Description = setting.Meaning, HelpName = kind.Placeholder, Arity = ArgumentArity.ZeroOrOne };

        string[] aliases = setting.Short is { } alias ? [alias] : [];
        Option option = setting.IsRepeatable
            ? new Option<string[]?>(setting.Flag, aliases)
            : new Option<string?>(setting.Flag, aliases) { Arity = kind.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne };
        (option.Description, option.HelpName) = (setting.Meaning, kind.Placeholder);
        option.CompletionSources.Add([.. kind.Choices]);
        return option;
    }

    private static Dictionary<string, string> ReadFlags(ParseResult parsed)
    {
        Dictionary<string, string> flags = [];
        foreach ((Setting setting, Symbol symbol) in Symbols)
        {
            string? text = symbol switch
            {
                Argument<string?> argument => parsed.GetValue(argument),
                Option<string[]?> list => parsed.GetValue(list) is { Length: > 0 } values ? string.Join(',', values) : null,
                Option<string?> option when parsed.GetResult(option) is { Implicit: false } => parsed.GetValue(option) ?? "on",
                _ => null,
            };
            if (text is not null) flags[setting.Name] = text;
        }
        if (parsed.GetResult(UpstreamArgument) is not null && parsed.GetValue(UpstreamArgument) is { } upstream) flags[ProxyGroup.Upstream.Name] = upstream;
        if (parsed.GetValue(Quiet)) flags.TryAdd(LoggingGroup.LogLevel.Name, "warning");
        if (parsed.GetValue(Verbose)) flags.TryAdd(LoggingGroup.LogLevel.Name, "debug");
        return flags;
    }

    private static Dictionary<string, string> ReadEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
}
