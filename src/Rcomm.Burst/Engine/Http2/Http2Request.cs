using System.Buffers.Binary;

namespace Rcomm.Burst.Engine.Http2;

/// <summary>Builds the first bytes of every HTTP/2 connection of a run: preface, settings and request head (RFC 9113, 3.4 and 8.3).</summary>
internal static class Http2Request
{
    public const int Stream = 1;

    private const ushort HeaderTableSize = 1;
    private const ushort EnablePush = 2;
    public const ushort InitialWindowSize = 4;
    private const int MaxWindow = int.MaxValue;
    private const int DefaultWindow = 65_535;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static byte[] Opening(BurstPlan plan)
    {
        // Without a dynamic table and pushes, reading stays simple; with maximum windows, no updates are needed.
        byte[] settings = [.. Setting(HeaderTableSize, 0), .. Setting(EnablePush, 0), .. Setting(InitialWindowSize, MaxWindow)];
        byte[] window = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(window, MaxWindow - DefaultWindow);
        byte flags = (byte)(Frame.EndHeaders | (plan.Request.Body.IsEmpty ? Frame.EndStream : 0));
        return
        [
            .. Preface,
            .. Frame.Build(FrameType.Settings, 0, 0, settings),
            .. Frame.Build(FrameType.WindowUpdate, 0, 0, window),
            .. Frame.Build(FrameType.Headers, flags, Stream, Hpack.Encode(FieldsOf(plan))),
        ];
    }

    private static IEnumerable<RequestHeader> FieldsOf(BurstPlan plan)
    {
        BurstRequest request = plan.Request;
        List<RequestHeader> headers = [.. request.HeadersFor(plan.Target)];
        string host = headers.Find(IsHost)?.Value ?? plan.Target.Host;
        return
        [
            new(":method", request.Method), new(":scheme", plan.Target.IsTls ? "https" : "http"), new(":authority", host), new(":path", plan.Target.Path),
            // Names are lowercase (RFC 9113, 8.2).
            .. headers.Where(header => !IsHost(header)).Select(header => new RequestHeader(header.Name.ToLowerInvariant(), header.Value)),
        ];
    }

    private static bool IsHost(RequestHeader header) => header.Name.Equals("host", StringComparison.OrdinalIgnoreCase);

    private static byte[] Setting(ushort name, int value)
    {
        byte[] setting = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(setting, name);
        BinaryPrimitives.WriteInt32BigEndian(setting.AsSpan(2), value);
        return setting;
    }
}
