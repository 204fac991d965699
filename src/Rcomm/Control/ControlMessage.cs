using System.Text.Json.Serialization;
using Rcomm.Admin;
using Rcomm.Listening.Sockets;

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
    Takeover,
    Ready,

    // Answered by the server.
    Done,
    Refused,
}

/// <summary>
/// One message on the control socket, asked or answered. A peer of another <see cref="Version"/> is refused with a sentence.
/// </summary>
/// <param name="Version">The protocol's version.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">The backlog that is wanted; sentences for a person in an answer.</param>
/// <param name="Status">The answer to <see cref="ControlKind.Status"/>.</param>
/// <param name="Sockets">
/// The answer to <see cref="ControlKind.Takeover"/>: what each of the descriptors beside it is, in their order. With <see cref="ControlKind.Ready"/>: those of
/// them that the taker goes on with.
/// </param>
/// <param name="Process">The answer to <see cref="ControlKind.Upgrade"/>: the process that was started to take over.</param>
internal sealed record ControlMessage(
    int Version, ControlKind Kind, string? Text = null, StatusDocument? Status = null, IReadOnlyList<HandedSocket>? Sockets = null, int? Process = null)
{
    public const int CurrentVersion = 1;

    public static ControlMessage Of(ControlKind kind, string? text = null) => new(CurrentVersion, kind, text);
}

/// <summary>What a message has in every version, past and to come.</summary>
internal sealed record ControlHead(int Version, string? Text = null);

/// <summary>A listening socket that is handed over.</summary>
/// <param name="Role">What it is for: <c>site</c>, <c>redirect</c>, <c>admin</c> or <c>control</c>.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="OwnsFile">True where the taker becomes the one to remove a Unix socket's file.</param>
/// <param name="IsSystems">True where the service manager holds it too, and goes on with it when no server runs.</param>
internal sealed record HandedSocket(string Role, string Address, bool OwnsFile, bool IsSystems)
{
    public const string Site = "site";
    public const string Admin = "admin";
    public const string Redirect = "redirect";
    public const string Control = "control";

    public static (HandedSocket What, ListenSocket Socket) Of((string Role, ListenSocket Socket) socket) =>
        (new(socket.Role, socket.Socket.Address.ToString(), socket.Socket.OwnsFile, socket.Socket.IsHeldElsewhere), socket.Socket);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlMessage))]
[JsonSerializable(typeof(ControlHead))]
internal sealed partial class ControlJson : JsonSerializerContext;
