using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcomm.Listening.Handover;

/// <summary>
/// The protocol by which one process hands its listening sockets over to another, on a connected Unix socket:
/// <code>
///   1  new → old   Takeover   requests the sockets
///   2  old → new   Sockets    with the descriptors: from here on both processes accept
///   3  new → old   Ready      the new process accepts, and keeps these of them
///   4  old → new   Released   the new process owns them
///   5  new → old   Taken      the old process stops
/// </code>
/// Instead of 2 or 4 the old process may send Refused, and keeps its sockets. Before 3 the takeover fails if the other process is gone or
/// doesn't answer in time. From 3 on there is no timeout, since a process may be suspended for an hour and then continue. Only the end of
/// the stream shows the new process that the old one is gone, and the old process that it must keep its sockets.
/// </summary>
internal static class HandoverProtocol
{
    /// <summary>Increased whenever a process of the previous version could misunderstand a message.</summary>
    public const int Version = 2;

    public static byte[] Write(HandoverKind kind, string? text = null, IReadOnlyList<HandedSocket>? sockets = null) =>
        JsonSerializer.SerializeToUtf8Bytes(new HandoverMessage(Version, kind, text, sockets), HandoverJson.Default.HandoverMessage);

    /// <summary>Parses a message. One of another version becomes <see cref="HandoverKind.Refused"/>, with its own text.</summary>
    /// <exception cref="IOException">The bytes aren't a message of this protocol.</exception>
    public static HandoverMessage Read(ReadOnlySpan<byte> message)
    {
        try
        {
            HandoverHead? head = JsonSerializer.Deserialize(message, HandoverJson.Default.HandoverHead);
            // Nothing else of another version may be read, since it may have kinds that this version doesn't know.
            if (head is { Version: not Version })
                return new(head.Version, HandoverKind.Refused, head.Text
                    ?? $"it uses version {head.Version} of the takeover protocol, this process {Version}.");
            return JsonSerializer.Deserialize(message, HandoverJson.Default.HandoverMessage)
                ?? throw new IOException("the other process sent an empty message");
        }
        catch (JsonException e)
        {
            throw new IOException($"the other process doesn't use the takeover protocol ({e.Message})", e);
        }
    }

    /// <summary>Returns true for a message that requests a takeover, in any version.</summary>
    public static bool IsTakeover(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize(message, HandoverJson.Default.HandoverHead)?.Kind == nameof(HandoverKind.Takeover);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

internal enum HandoverKind
{
    Takeover,
    Sockets,
    Ready,
    Released,
    Taken,
    Refused,
}

/// <param name="Version">The protocol's version.</param>
/// <param name="Kind">The step of the takeover.</param>
/// <param name="Text">With <see cref="HandoverKind.Refused"/>: the reason, as a sentence.</param>
/// <param name="Sockets">
/// With <see cref="HandoverKind.Sockets"/>: a description of each passed descriptor, in the same order. With <see cref="HandoverKind.Ready"/>: the
/// sockets that the new process keeps.
/// </param>
internal sealed record HandoverMessage(int Version, HandoverKind Kind, string? Text = null, IReadOnlyList<HandedSocket>? Sockets = null);

/// <summary>The part of a message that is the same in every version, past and future.</summary>
internal sealed record HandoverHead(int Version, string? Kind = null, string? Text = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HandoverMessage))]
[JsonSerializable(typeof(HandoverHead))]
internal sealed partial class HandoverJson : JsonSerializerContext;
