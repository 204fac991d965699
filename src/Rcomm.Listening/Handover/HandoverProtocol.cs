using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcomm.Listening.Handover;

/// <summary>
/// How one process hands its listening sockets over to another, on a connected Unix socket:
/// <code>
///   1  new → old   Takeover   asks for the sockets
///   2  old → new   Sockets    with the descriptors: both processes accept from here on
///   3  new → old   Ready      it accepts, and goes on with these of them
///   4  old → new   Released   they are the new one's
///   5  new → old   Taken      the old one stops
/// </code>
/// Instead of 2 and 4 the old process may send Refused, and goes on. Before 3 the takeover fails where the other process is gone or silent. From 3 on time
/// proves nothing (a process may be stopped for an hour and go on): to the new process only the end of the stream means that the old one is
/// gone, and to the old one that it has not been relieved.
/// </summary>
internal static class HandoverProtocol
{
    /// <summary>Raised whenever a process of the version before could misunderstand a message.</summary>
    public const int Version = 2;

    public static byte[] Write(HandoverKind kind, string? text = null, IReadOnlyList<HandedSocket>? sockets = null) =>
        JsonSerializer.SerializeToUtf8Bytes(new HandoverMessage(Version, kind, text, sockets), HandoverJson.Default.HandoverMessage);

    /// <summary>Reads a message; one of another version is <see cref="HandoverKind.Refused"/>, with the sentence that it has for us.</summary>
    /// <exception cref="IOException">It isn't a message of this protocol.</exception>
    public static HandoverMessage Read(ReadOnlySpan<byte> message)
    {
        try
        {
            HandoverHead? head = JsonSerializer.Deserialize(message, HandoverJson.Default.HandoverHead);
            // Of another version nothing else may be read: it may have kinds that this one does not know.
            if (head is { Version: not Version })
                return new(head.Version, HandoverKind.Refused, head.Text
                    ?? $"it speaks version {head.Version} of the takeover protocol, this process {Version}.");
            return JsonSerializer.Deserialize(message, HandoverJson.Default.HandoverMessage)
                ?? throw new IOException("the other process sent an empty message");
        }
        catch (JsonException e)
        {
            throw new IOException($"the other process does not speak the takeover protocol ({e.Message})", e);
        }
    }

    /// <summary>True for a message that asks for a takeover, in whatever version.</summary>
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
/// <param name="Kind">Which step of the takeover it is.</param>
/// <param name="Text">With <see cref="HandoverKind.Refused"/>: why, as a sentence.</param>
/// <param name="Sockets">
/// With <see cref="HandoverKind.Sockets"/>: what each of the descriptors beside it is, in their order. With
/// <see cref="HandoverKind.Ready"/>: those that the new process goes on with.
/// </param>
internal sealed record HandoverMessage(int Version, HandoverKind Kind, string? Text = null, IReadOnlyList<HandedSocket>? Sockets = null);

/// <summary>What a message has in every version, past and to come.</summary>
internal sealed record HandoverHead(int Version, string? Kind = null, string? Text = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HandoverMessage))]
[JsonSerializable(typeof(HandoverHead))]
internal sealed partial class HandoverJson : JsonSerializerContext;
