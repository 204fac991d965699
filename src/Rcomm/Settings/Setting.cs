namespace Rcomm.Settings;

/// <summary>One setting: its names in the three places it can be written, its default, and what it means.</summary>
/// <param name="Name">The flag's name without its dashes; the other names follow from it.</param>
/// <param name="Default">The default as an operator would write it; empty for none.</param>
/// <param name="Meaning">One line for <c>--help</c> and the README.</param>
internal abstract record Setting(string Name, string Default, string Meaning)
{
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

    /// <summary>The name in the help text of a value that is written without a flag; null for all others.</summary>
    public string? Argument { get; init; }

    /// <summary>The flag may stand alone, meaning "on".</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The value is never shown: not in the log, not on a page.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The text as it may be shown.</summary>
    public string Shown(string text) => IsSecret && text != "" ? "(not shown)" : text;

    /// <summary>A value that cannot be read in the environment is a warning and the default is used, so that a typo there stops no server.</summary>
    public bool ForgivenInEnvironment { get; init; }
}

/// <summary>A setting and the reader of its values.</summary>
internal sealed record Setting<T>(string Name, string Default, string Meaning, Reader<T> Read) : Setting(Name, Default, Meaning);

/// <summary>Reads what an operator wrote.</summary>
/// <exception cref="FormatException">It cannot be read; the message says what to write instead.</exception>
internal delegate T Reader<out T>(string text);
