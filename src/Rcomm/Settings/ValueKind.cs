namespace Rcomm.Settings;

/// <summary>A kind of value: how the help shows it, what a shell completes, what the schema allows.</summary>
/// <param name="Placeholder">The form in the help: <c>&lt;TIME&gt;</c>, <c>wait|reject</c>.</param>
internal abstract record ValueKind(string Placeholder)
{
    /// <summary>The words that can be written; empty if any text can.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What a shell completes besides <see cref="Choices"/>.</summary>
    public PathKind Path { get; init; }

    /// <summary>Whether the flag may stand alone and then means "on".</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Whether there can be several values, separated by commas; in the file also an array.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether only <see cref="Choices"/> are valid.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether a number without a unit is valid.</summary>
    public bool IsNumeric { get; init; }

    /// <summary>The smallest and largest number; null if the value isn't a plain number.</summary>
    public (int Min, int Max)? Range { get; init; }
}

/// <summary>What a path refers to.</summary>
internal enum PathKind
{
    None,
    File,
    Folder,
}

/// <summary>A kind of value with its parser.</summary>
/// <param name="Placeholder">The form in the help.</param>
/// <param name="Read">Parses the operator's text.</param>
internal sealed record ValueKind<T>(string Placeholder, Reader<T> Read) : ValueKind(Placeholder);

/// <summary>Parses the operator's text.</summary>
/// <exception cref="FormatException">The text isn't valid; the message says what to write instead.</exception>
internal delegate T Reader<out T>(string text);
