using System.Text.Json;
using Rcomm.Listening.Handover;

namespace Rcomm.Control;

/// <summary>One connection to a control socket: requests and replies in JSON.</summary>
internal sealed class ControlChannel(MessageChannel channel) : IDisposable
{
    /// <summary>Explains why a user may not connect to a control socket.</summary>
    public const string NotForThisUser = "permission denied (EACCES). A control socket is for the user that its server runs as, and for root: try sudo.";

    /// <summary>Connects to a server's control socket.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nothing listens there, or this user may not connect.</exception>
    public static ControlChannel Connect(string path, TimeSpan replyTimeout) => new(MessageChannel.Connect(path, replyTimeout));

    /// <summary>Sends a message.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The peer is gone.</exception>
    public void Send(ControlMessage message) => channel.Send(JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.ControlMessage));

    /// <summary>Receives a message.</summary>
    /// <exception cref="IOException">The peer is gone, didn't answer in time, or doesn't use this protocol.</exception>
    public ControlMessage Receive()
    {
        try
        {
            return Read(channel.Receive());
        }
        catch (IOException e)
        {
            throw new IOException($"the control connection failed: {e.Message}", e);
        }
    }

    /// <summary>Parses a message. One of another version becomes <see cref="ControlKind.Refused"/>, with only its <see cref="ControlHead"/>.</summary>
    /// <exception cref="IOException">The bytes aren't a message of this protocol.</exception>
    public static ControlMessage Read(ReadOnlySpan<byte> json)
    {
        try
        {
            ControlHead? head = JsonSerializer.Deserialize(json, ControlJson.Default.ControlHead);
            // Nothing else of another version may be read, since it may have kinds that this version doesn't know.
            if (head is { Version: not ControlMessage.CurrentVersion })
                return new(head.Version, ControlKind.Refused, head.Text
                    ?? $"it uses version {head.Version} of the control protocol, this program {ControlMessage.CurrentVersion}");
            return JsonSerializer.Deserialize(json, ControlJson.Default.ControlMessage) ?? throw new IOException("the peer sent an empty message");
        }
        catch (JsonException e)
        {
            throw new IOException($"the peer doesn't use rcomm's control protocol ({e.Message})", e);
        }
    }

    public void Dispose() => channel.Dispose();
}
