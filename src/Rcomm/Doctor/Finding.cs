using System.Text.Json.Serialization;

namespace Rcomm.Doctor;

/// <summary>The severity of a finding.</summary>
internal enum Severity
{
    Ok,

    /// <summary>It could not be read.</summary>
    Unknown,

    /// <summary>It will refuse connections under some loads.</summary>
    Warning,

    /// <summary>It refuses connections, or prevents the server from starting.</summary>
    Problem,
}

/// <summary>The result of one check.</summary>
/// <param name="Name">The subject: a sysctl, a limit, an address.</param>
/// <param name="Severity">The severity.</param>
/// <param name="Is">The current value.</param>
/// <param name="Needs">What this configuration needs; null if any value is acceptable.</param>
/// <param name="Why">Why it matters, as a sentence.</param>
/// <param name="Fix">The command or setting that fixes it; null if there is nothing to fix.</param>
internal sealed record Finding(string Name, Severity Severity, string Is, string? Needs, string Why, string? Fix = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class FindingsJson : JsonSerializerContext;
