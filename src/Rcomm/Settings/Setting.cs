namespace Rcomm.Settings;

/// <summary>One setting: its name in each of the three sources, its default, its valid values, and its meaning.</summary>
internal abstract class Setting
{
    /// <summary>What the environment variable of every setting begins with.</summary>
    public const string VariablePrefix = "RCOMM_";

    /// <summary>Declares a setting and adds it to its group, and thus to the help, the docs, the schema and the completions.</summary>
    /// <param name="group">The group it belongs to.</param>
    /// <param name="name">The flag's name without dashes; the other names are derived from it.</param>
    /// <param name="default">The default as an operator would write it; empty for none.</param>
    /// <param name="kind">The kind of its value.</param>
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

    public string Variable => VariablePrefix + Name.Replace('-', '_').ToUpperInvariant();

    /// <summary>The name in rcomm.json, in camel case.</summary>
    public string FileKey
    {
        get
        {
            string[] words = Name.Split('-');
            return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        }
    }

    /// <summary>The environment variable, and the default: <c>RCOMM_PORT, default 7878</c>.</summary>
    public string Origin => ShownDefault == "" ? Variable : $"{Variable}, default {ShownDefault}";

    /// <summary>The default in readable form.</summary>
    public string ShownDefault => Unset ?? Default;

    /// <summary>A description of the default if it isn't a value; null if <see cref="Default"/> is enough.</summary>
    public string? Unset { get; init; }

    /// <summary>The name in the help text if the value is written without a flag; otherwise null.</summary>
    public string? Argument { get; init; }

    /// <summary>The flag's short form, e.g. <c>-p</c>; null for none.</summary>
    public string? Short { get; init; }

    /// <summary>Whether it is one of the common settings, which the short help and the README show.</summary>
    public bool IsCommon { get; init; }

    /// <summary>Whether the flag can be repeated; the values are joined by commas.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Whether the value must not be shown, in the log or on a page.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether an invalid value in the environment is only a warning and the default is used, so that a typo there stops no server.</summary>
    public bool ForgivenInEnvironment { get; init; }

    /// <summary>Returns the text in the form in which it may be shown.</summary>
    public string Shown(string text) => IsSecret && text != "" ? "(not shown)"
        // A file has true where a flag has on.
        : Kind.IsSwitch && SettingParsers.TrySwitch(text) is { } on ? (on ? "on" : "off")
        : text;
}

/// <summary>A setting with a value of a type.</summary>
internal sealed class Setting<T>(SettingGroup group, string name, string @default, ValueKind<T> kind, string meaning)
    : Setting(group, name, @default, kind, meaning)
{
    /// <summary>Parses the operator's text.</summary>
    /// <exception cref="FormatException">The text isn't valid; the message says what to write instead.</exception>
    public T Read(string text) => kind.Read(text);
}
