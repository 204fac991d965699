namespace Rcomm.Settings;

/// <summary>What may be written as a value: how the help shows it, what a shell completes, what the schema allows.</summary>
/// <param name="Placeholder">As the help shows it: <c>&lt;TIME&gt;</c>, <c>wait|reject</c>.</param>
internal abstract record ValueKind(string Placeholder)
{
    /// <summary>The words that can be written; nothing where any text can.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What a shell completes besides <see cref="Choices"/>.</summary>
    public PathKind Path { get; init; }

    /// <summary>The flag may stand alone and then means "on".</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Several values, separated by commas; in the file an array as well.</summary>
    public bool IsList { get; init; }

    /// <summary>Nothing but <see cref="Choices"/> can be written.</summary>
    public bool IsClosed { get; init; }

    /// <summary>A number without a unit can be written.</summary>
    public bool IsNumeric { get; init; }

    /// <summary>The smallest and largest number; null where the value isn't a plain number.</summary>
    public (int Min, int Max)? Range { get; init; }
}

/// <summary>What a path leads to.</summary>
internal enum PathKind
{
    None,
    File,
    Folder,
}

/// <summary>A kind of value with its reader.</summary>
/// <param name="Placeholder">As the help shows it.</param>
/// <param name="Read">Reads what an operator wrote.</param>
internal sealed record ValueKind<T>(string Placeholder, Reader<T> Read) : ValueKind(Placeholder);

/// <summary>Reads what an operator wrote.</summary>
/// <exception cref="FormatException">It isn't valid; the message says what to write instead.</exception>
internal delegate T Reader<out T>(string text);
