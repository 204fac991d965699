using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel.Takeover;

/// <summary>
/// The new process's side of a takeover. On the wire, both ways: a byte for the version, four for a length, and text; the sockets of the old process come
/// with its text, which has an address on each line.
/// </summary>
internal sealed class TakenSockets : IDisposable
{
    public const byte Version = 1;
    private static readonly TimeSpan HandoverTimeout = TimeSpan.FromSeconds(10);

    private readonly Socket _channel;
    private readonly List<(string Address, SafeSocketHandle Handle)> _sockets;

    private TakenSockets(Socket channel, List<(string, SafeSocketHandle)> sockets) => (_channel, _sockets) = (channel, sockets);

    /// <summary>Asks the process at a path for its sockets; null where none answers there.</summary>
    /// <exception cref="InvalidOperationException">No socket can be there; the message says why.</exception>
    /// <exception cref="IOException">What answers is another version, or nothing of ours.</exception>
    public static TakenSockets? AskFor(string path)
    {
        _ = AddressOf(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)) throw Wrong(path, $"there is no folder {folder}; make it: mkdir -p {folder}");
        var channel = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)HandoverTimeout.TotalMilliseconds };
        try
        {
            channel.Connect(new UnixDomainSocketEndPoint(path));
            Send(channel, "take", []);
            List<SafeSocketHandle> handles = [];
            string[] addresses = Receive(channel, handles).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (addresses.Length != handles.Count) throw new IOException($"{path}: {addresses.Length} sockets were announced and {handles.Count} came.");
            return new TakenSockets(channel, [.. addresses.Zip(handles)]);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !Path.Exists(path))
        {
            channel.Dispose();
            return null;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">It is no path of a Unix socket.</exception>
    public static ListenAddress AddressOf(string path) =>
        ListenAddress.TryParse($"unix:{path}", out ListenAddress? address, out string? error) ? address : throw Wrong(path, error);

    /// <summary>Takes out the sockets of an address; none where there is none.</summary>
    public IReadOnlyList<SafeSocketHandle> Take(ListenAddress address)
    {
        List<(string Address, SafeSocketHandle Handle)> found = _sockets.FindAll(socket => socket.Address == address.ToString());
        _sockets.RemoveAll(found.Contains);
        return [.. found.Select(socket => socket.Handle)];
    }

    /// <summary>Tells the old process that this one accepts: it stops, and what nobody took out stays its own to drain. Returns once the takeover socket's path is free.</summary>
    public void Ready()
    {
        CloseThoseLeft();
        Send(_channel, "ready", []);
        try
        {
            _channel.Receive(new byte[1]);
        }
        catch (SocketException)
        {
            // It has ended, or is slower than our patience; if its socket is still there, opening ours will say so.
        }
    }

    /// <summary>Without <see cref="Ready"/> the old process goes on as if nothing had been.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        CloseThoseLeft();
    }

    public static void Send(Socket channel, string text, IReadOnlyList<ListenSocket> sockets)
    {
        byte[] bytes = new byte[5 + Encoding.UTF8.GetByteCount(text)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), bytes.Length - 5);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(5));
        SocketPassing.Send(channel, bytes, sockets);
    }

    /// <exception cref="IOException">It is another version, or nothing of ours.</exception>
    public static string Receive(Socket channel, List<SafeSocketHandle> handles)
    {
        const int longest = 64 << 10;
        byte[] head = new byte[5];
        SocketPassing.Receive(channel, head, handles);
        if (head[0] != Version) throw new IOException($"The other process speaks version {head[0]} of the takeover, this one {Version}. Stop it and start this one.");
        int length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1));
        if (length is < 0 or > longest) throw new IOException("What answers at the takeover socket is no process of ours.");
        byte[] text = new byte[length];
        SocketPassing.Receive(channel, text, handles);
        return Encoding.UTF8.GetString(text);
    }

    private static InvalidOperationException Wrong(string path, string why) => new($"{ListenQueueConfiguration.Section}:{nameof(ListenQueueOptions.TakeoverSocket)}=\"{path}\": {why}.");

    private void CloseThoseLeft()
    {
        foreach ((_, SafeSocketHandle handle) in _sockets) handle.Dispose();
        _sockets.Clear();
    }
}
