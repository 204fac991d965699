using System.Text.Json.Serialization;
using Rcomm.Status;

namespace Rcomm.Control;

/// <summary>The kind of a message on the control socket.</summary>
internal enum ControlKind
{
    // Requests from a client.
    Status,
    Backlog,
    Drain,
    Reload,
    Upgrade,

    // Replies from the server.
    Done,
    Refused,
}

/// <summary>
/// A request or reply on the control socket. A peer of another <see cref="Version"/> is refused with an explanation. A takeover is requested on the same
/// socket, with the protocol of <see cref="Listening.Handover.HandoverServer"/>.
/// </summary>
/// <param name="Version">The protocol's version.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Text">In a request: the new backlog. In a reply: text for the user.</param>
/// <param name="Status">The reply to <see cref="ControlKind.Status"/>.</param>
/// <param name="Process">The reply to <see cref="ControlKind.Upgrade"/>: the process that was started to take over.</param>
internal sealed record ControlMessage(
    int Version, ControlKind Kind, string? Text = null, StatusDocument? Status = null, int? Process = null)
{
    public const int CurrentVersion = 1;

    public static ControlMessage Of(ControlKind kind, string? text = null) => new(CurrentVersion, kind, text);
}

/// <summary>The part of a message that is the same in every version, past and future.</summary>
internal sealed record ControlHead(int Version, string? Text = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlMessage))]
[JsonSerializable(typeof(ControlHead))]
internal sealed partial class ControlJson : JsonSerializerContext;
