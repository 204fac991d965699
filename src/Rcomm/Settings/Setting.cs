namespace Rcomm.Settings;

/// <summary>One setting: its names in the three places it can be written, its default, what its value may be, and what it means.</summary>
internal abstract class Setting
{
    /// <summary>Declares a setting; it is then a part of its group, and so of the help, the docs, the schema and the completions.</summary>
    /// <param name="group">The section it belongs to.</param>
    /// <param name="name">The flag's name without its dashes; the other names follow from it.</param>
    /// <param name="default">The default as an operator would write it; empty for none.</param>
    /// <param name="kind">What may be written.</param>
    /// <param name="meaning">One sentence for the help and the docs, without a full stop.</param>
    protected Setting(SettingGroup group, string name, string @default, ValueKind kind, string meaning)
    {
        (Name, Default, Kind, Meaning) = (name, @default, kind, meaning);
        group.Add(this);
    }

    public string Name { get; }

    public string Default { get; }

    public ValueKind Kind { get; }

    public string Meaning { get; }

    /// <summary>The meaning without its details.</summary>
    public string Summary => Meaning.Split([": ", "; ", " ("], 2, StringSplitOptions.None)[0];

    public string Flag => Argument ?? "--" + Name;

    public string Variable => "RCOMM_" + Name.Replace('-', '_').ToUpperInvariant();

    /// <summary>The name in rcomm.json, in camel case as JSON has it.</summary>
    public string FileKey
    {
        get
        {
            string[] words = Name.Split('-');
            return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        }
    }

    /// <summary>Where it can be written besides the command line, and its default: <c>RCOMM_PORT, default 7878</c>.</summary>
    public string Origin => ShownDefault == "" ? Variable : $"{Variable}, default {ShownDefault}";

    /// <summary>What holds where the setting is not written, as a person reads it.</summary>
    public string ShownDefault => Unset ?? Default;

    /// <summary>What holds where the setting is not written and no value says it; null where the default does.</summary>
    public string? Unset { get; init; }

    /// <summary>The name in the help text of a value that is written without a flag; null for all others.</summary>
    public string? Argument { get; init; }

    /// <summary>The flag's short form, e.g. <c>-p</c>; null for none.</summary>
    public string? Short { get; init; }

    /// <summary>One of the few that most people use: the short help and the README show it.</summary>
    public bool IsCommon { get; init; }

    /// <summary>The flag can be written several times; the values are joined by commas.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>The value is never shown: not in the log, not on a page.</summary>
    public bool IsSecret { get; init; }

    /// <summary>An invalid value in the environment is a warning and the default is used, so that a typo there stops no server.</summary>
    public bool ForgivenInEnvironment { get; init; }

    /// <summary>The text as it may be shown.</summary>
    public string Shown(string text) => IsSecret && text != "" ? "(not shown)"
        // A file has true where a flag has on.
        : Kind.IsSwitch && SettingParsers.TrySwitch(text) is { } on ? (on ? "on" : "off")
        : text;
}

/// <summary>A setting with a value of this type.</summary>
internal sealed class Setting<T>(SettingGroup group, string name, string @default, ValueKind<T> kind, string meaning)
    : Setting(group, name, @default, kind, meaning)
{
    /// <summary>Reads what an operator wrote.</summary>
    /// <exception cref="FormatException">It isn't valid; the message says what to write instead.</exception>
    public T Read(string text) => kind.Read(text);
}
