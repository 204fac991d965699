using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Linux;
using Rcomm.Listening.Linux.SockDiag;

namespace Rcomm.Listening;

/// <summary>
/// A listening socket: opened by an explicit socket → options → bind → listen, with the backlog that the kernel kept read
/// back from it. It owns its descriptor and, for a Unix path, the file.
/// </summary>
public sealed class ListenSocket : IDisposable
{
    private readonly UnixSocketFile? _file;
    private readonly UnixQueue? _unixQueue;

    private ListenSocket(ListenAddress address, Socket socket, ListenSocketOptions options, UnixSocketFile? file, IReadOnlyList<string> warnings)
    {
        Address = address;
        Socket = socket;
        Options = options;
        Warnings = warnings;
        _file = file;
        if (OperatingSystem.IsLinux() && address.IsUnix) _unixQueue = new UnixQueue(socket);
        EffectiveBacklog = ReadQueue()?.Backlog;
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    public ListenAddress Address { get; }

    /// <summary>The backlog that was asked for.</summary>
    public Backlog RequestedBacklog => Options.Backlog;

    /// <summary>
    /// The backlog that the kernel kept, in connections, read back from the socket; null where this system does not tell.
    /// On Linux it is the smaller of the requested one and <c>net.core.somaxconn</c> (listen(2)).
    /// </summary>
    public int? EffectiveBacklog { get; private set; }

    /// <summary>True where the kernel's cap (<c>net.core.somaxconn</c>) kept less than was asked for. Asking for <see cref="Backlog.Max"/> is asking for the cap.</summary>
    public bool IsCapped => OperatingSystem.IsLinux() && !RequestedBacklog.IsMax && EffectiveBacklog < RequestedBacklog.Connections;

    /// <summary>Options that the system did not take or took otherwise, where the server can go on without them; a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    internal Socket Socket { get; }

    internal ListenSocketOptions Options { get; }

    /// <summary>Opens a listening socket.</summary>
    /// <param name="address">One address; <c>localhost</c> stands for two, see <see cref="ListenAddress.Expand"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ListenException">The system refused; its message says why and what to do.</exception>
    /// <exception cref="ArgumentException">The address is <c>localhost</c>, not expanded.</exception>
    public static ListenSocket Open(ListenAddress address, ListenSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsLocalhost) throw new ArgumentException("localhost stands for two sockets; Expand() it first.", nameof(address));

        options ??= new ListenSocketOptions();
        if (address is { IsUnix: true, IsAbstract: false }) UnixSocketFile.MakeFree(address);

        Socket? socket = null;
        UnixSocketFile? file = null;
        try
        {
            EndPoint endPoint = EndPointOf(address);
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, address.IsUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            List<string> warnings = SocketSetup.Apply(socket, address, options);
            socket.Bind(endPoint);
            if (address is { IsUnix: true, IsAbstract: false }) file = UnixSocketFile.Adopt(address.UnixPath!, options.UnixMode);
            SocketSetup.Prove(socket, address);
            socket.Listen(options.Backlog.Connections);
            // Accept never waits inside the kernel: the accept loop polls, and two processes may share the socket in a takeover.
            socket.Blocking = false;

            if (socket.LocalEndPoint is IPEndPoint bound) address = address.WithPort(bound.Port);
            return new ListenSocket(address, socket, options, file, warnings);
        }
        catch (Exception e)
        {
            socket?.Dispose();
            file?.Remove();
            if (e is SocketException refused) throw ListenException.From(address, refused);
            throw;
        }
    }

    /// <summary>What waits in the queue now, its effective backlog and its drops; null where this system does not tell.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public QueueReading? ReadQueue()
    {
        if (!OperatingSystem.IsLinux()) return null;
        if (_unixQueue is not null) return _unixQueue.Read();

        TcpInfo info = TcpInfo.Read(Socket);
        return new QueueReading((int)info.Unacked, (int)info.Sacked, MemInfo.ReadDrops(Socket));
    }

    /// <summary>
    /// Asks for the requested backlog again where the kernel's cap has been raised since; a socket that listens keeps its old
    /// effective backlog until then, and what waits is not touched (listen(2)). True where the effective backlog has grown.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool ApplyRaisedCap()
    {
        if (EffectiveBacklog is not { } before || (!IsCapped && !RequestedBacklog.IsMax)) return false;
        if (!(SomaxConn.For(Socket) > before)) return false;

        Socket.Listen(RequestedBacklog.Connections);
        EffectiveBacklog = ReadQueue()?.Backlog;
        return EffectiveBacklog > before;
    }

    /// <summary>
    /// The backlog for a log line: <c>backlog: 128</c>, or <c>backlog: 4096, requested 65535, capped by net.core.somaxconn</c>
    /// where the kernel kept another number, or <c>backlog: unknown, requested 128</c> where it does not tell.
    /// </summary>
    public string DescribeBacklog()
    {
        string kept = EffectiveBacklog?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown";
        if (EffectiveBacklog == RequestedBacklog.Connections || (RequestedBacklog.IsMax && EffectiveBacklog is not null)) return $"backlog: {kept}";
        return $"backlog: {kept}, requested {RequestedBacklog}" + (IsCapped ? ", capped by net.core.somaxconn" : "");
    }

    /// <summary>
    /// Closes the socket and removes a Unix socket's file. Connections still waiting in the queue are reset by the kernel;
    /// end an <see cref="AcceptLoop"/> with <see cref="AcceptLoop.DrainAsync"/> first.
    /// </summary>
    public void Dispose()
    {
        _file?.Remove();
        _unixQueue?.Dispose();
        // Not Socket.Dispose(): it deletes whatever file stands at a Unix path, another server's too.
        Socket.SafeHandle.Dispose();
#pragma warning disable CA1816 // The finalizer of that Socket would delete the file as well.
        GC.SuppressFinalize(Socket);
#pragma warning restore CA1816
    }

    private static EndPoint EndPointOf(ListenAddress address) => address switch
    {
        { IsAbstract: true } => new UnixDomainSocketEndPoint("\0" + address.UnixPath![1..]),
        { IsUnix: true } => new UnixDomainSocketEndPoint(address.UnixPath!),
        { IsEveryAddress: true } => new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port),
        _ => new IPEndPoint(address.Ip!, address.Port),
    };
}
