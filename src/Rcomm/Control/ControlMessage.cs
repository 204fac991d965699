using System.Text.Json.Serialization;
using Rcomm.Status;

namespace Rcomm.Control;

/// <summary>What a message on the control socket is about.</summary>
internal enum ControlKind
{
    // Asked by a client.
    Status,
    Backlog,
    Drain,
    Reload,
    Upgrade,

    // Answered by the server.
    Done,
    Refused,
}

/// <summary>
/// One message on the control socket, asked or answered. A peer of another <see cref="Version"/> is refused with a sentence. A takeover is
/// asked for on the same socket, in the protocol of <see cref="Listening.Handover.HandoverServer"/>.
/// </summary>
/// <param name="Version">The protocol's version.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">The backlog that is wanted; sentences for a person in an answer.</param>
/// <param name="Status">The answer to <see cref="ControlKind.Status"/>.</param>
/// <param name="Process">The answer to <see cref="ControlKind.Upgrade"/>: the process that was started to take over.</param>
internal sealed record ControlMessage(
    int Version, ControlKind Kind, string? Text = null, StatusDocument? Status = null, int? Process = null)
{
    public const int CurrentVersion = 1;

    public static ControlMessage Of(ControlKind kind, string? text = null) => new(CurrentVersion, kind, text);
}

/// <summary>What a message has in every version, past and to come.</summary>
internal sealed record ControlHead(int Version, string? Text = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlMessage))]
[JsonSerializable(typeof(ControlHead))]
internal sealed partial class ControlJson : JsonSerializerContext;
