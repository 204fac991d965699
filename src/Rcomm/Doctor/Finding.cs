using System.Text.Json.Serialization;

namespace Rcomm.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Severity
{
    Ok,

    /// <summary>It could not be read; nothing is known.</summary>
    Unknown,

    /// <summary>It will turn connections away under some loads.</summary>
    Warning,

    /// <summary>It turns connections away, or the server cannot start.</summary>
    Problem,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What: a sysctl, a limit, an address.</param>
/// <param name="Severity">How it is.</param>
/// <param name="Is">What it is now.</param>
/// <param name="Needs">What this configuration needs; nothing where any value would do.</param>
/// <param name="Why">Why it matters, in a sentence.</param>
/// <param name="Fix">The command or setting that fixes it; nothing where there is nothing to fix.</param>
internal sealed record Finding(string Name, Severity Severity, string Is, string? Needs, string Why, string? Fix = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class FindingsJson : JsonSerializerContext;
