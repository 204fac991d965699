using System.Text.Json.Serialization;

namespace Rcomm.Cli;

/// <summary>What <c>rcomm check --json</c> prints. Names stay; new ones may be added.</summary>
/// <param name="Valid">A server would start.</param>
/// <param name="Error">Why it wouldn't.</param>
/// <param name="Warnings">What would be ignored, or fail later.</param>
/// <param name="Notes">What the system would make of a value.</param>
internal sealed record CheckDocument(
    bool Valid, string? Error, IReadOnlyList<string> Warnings, IReadOnlyList<string> Notes, IReadOnlyList<CheckedSetting> Settings);

/// <summary>A setting and where its value comes from.</summary>
internal sealed record CheckedSetting(string Group, string Name, string Value, string From);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckDocument))]
internal sealed partial class CheckJson : JsonSerializerContext;
