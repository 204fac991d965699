using System.Text.Json.Serialization;

namespace Rcomm.Cli;

/// <summary>The output of <c>rcomm check --json</c>. Names don't change; new ones may be added.</summary>
/// <param name="Valid">Whether a server would start.</param>
/// <param name="Error">Why it wouldn't.</param>
/// <param name="Warnings">What would be ignored, or fail later.</param>
/// <param name="Notes">How the system would change a value.</param>
internal sealed record CheckDocument(
    bool Valid, string? Error, IReadOnlyList<string> Warnings, IReadOnlyList<string> Notes, IReadOnlyList<CheckedSetting> Settings);

/// <summary>A setting and the origin of its value.</summary>
internal sealed record CheckedSetting(string Group, string Name, string Value, string From);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckDocument))]
internal sealed partial class CheckJson : JsonSerializerContext;
