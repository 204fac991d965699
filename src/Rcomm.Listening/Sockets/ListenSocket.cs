using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>
/// A listening socket: opened by an explicit socket → options → bind → listen, with the backlog that the kernel kept read
/// back from it. It owns its descriptor and, for a Unix path, the file.
/// </summary>
public sealed class ListenSocket : IDisposable
{
    private readonly KernelQueue _queue;
    private readonly BacklogControl _backlog;
    private UnixSocketFile? _file;
    private volatile bool _isHeldElsewhere;

    // The requested backlog is null where another process asked for it.
    private ListenSocket(OpenedSocket opened, ListenSocketOptions options, Backlog? requested, Shard? shard)
    {
        Address = opened.Address;
        Socket = opened.Socket;
        Options = options;
        Warnings = opened.Warnings;
        Shard = shard;
        _file = opened.File;
        _queue = new KernelQueue(Socket, Address.IsUnix);
        _backlog = new BacklogControl(Socket, _queue, requested, options.Backlog);
    }

    /// <summary>Where it listens, with the port the system chose where 0 was asked for.</summary>
    public ListenAddress Address { get; }

    /// <summary>Which of the address's shards it is; null for the only socket there.</summary>
    public Shard? Shard { get; }

    /// <summary>Its name in the log: <c>127.0.0.1:7878</c>, or <c>127.0.0.1:7878 shard 2 of 4</c>.</summary>
    public string Name => Shard is { } shard ? $"{Address} {shard}" : Address.ToString();

    /// <summary>The backlog that was asked for.</summary>
    public Backlog RequestedBacklog => _backlog.Requested;

    /// <summary>
    /// The backlog that the kernel kept, in connections, read back from the socket; null where this system does not tell.
    /// On Linux it is the smaller of the requested one and <c>net.core.somaxconn</c> (listen(2)).
    /// </summary>
    public int? EffectiveBacklog => _backlog.Effective;

    /// <summary>
    /// True where the kernel's cap (<c>net.core.somaxconn</c>) kept less than was asked for. Asking for <see cref="Backlog.Max"/> is
    /// asking for the cap.
    /// </summary>
    public bool IsCapped => _backlog.IsCapped;

    /// <summary>True while this socket is the one to remove a Unix socket's file.</summary>
    public bool OwnsFile => _file is not null && !IsHeldElsewhere;

    /// <summary>True where another process holds the socket too, or may hold it, so that it goes on listening when this one closes it.</summary>
    public bool IsHeldElsewhere => _isHeldElsewhere || IsInHandover;

    /// <summary>Options that the system did not take or took otherwise, where the server can go on without them; a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; private set; }

    internal Socket Socket { get; }

    /// <summary>
    /// True while another process may be the one that goes on with the socket: in the process that hands it over from then on, in the
    /// new one until <see cref="MakeOwn"/>. Nothing about it is changed then.
    /// </summary>
    internal bool IsInHandover
    {
        get => _backlog.IsFrozen;
        set
        {
            _backlog.IsFrozen = value;
            HandoverChanged?.Invoke();
        }
    }

    /// <summary>Told when <see cref="IsInHandover"/> was set, before anything else happens.</summary>
    internal event Action? HandoverChanged;

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
        return Opened(SocketOpening.Open(address, options), options, shard: null);
    }

    /// <summary>
    /// Opens several listening sockets on one address (<c>SO_REUSEPORT</c>): the kernel spreads clients over them by a hash of their
    /// addresses and ports, and each has a queue of its own, so that together they hold more than the kernel's cap for one. All or none.
    /// </summary>
    /// <param name="address">A TCP address; a Unix socket cannot be shared so, and gets one socket whatever the count.</param>
    /// <param name="count">How many; for 1 the socket is as <see cref="Open"/> makes it.</param>
    /// <param name="options">Null for the defaults; the backlog is each shard's.</param>
    /// <param name="taken">
    /// Sockets of this address that another process is handing over: they are the first shards, more than the count too, each as
    /// <see cref="Borrow"/> makes it.
    /// </param>
    /// <exception cref="ListenException">The system refused one of them, or the address is another server's.</exception>
    /// <exception cref="ArgumentException">The address is <c>localhost</c>, not expanded, or the count is below 1.</exception>
    public static IReadOnlyList<ListenSocket> OpenShards(
        ListenAddress address, int count, ListenSocketOptions? options = null, IReadOnlyList<SafeSocketHandle>? taken = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ShardOpening.Open(address, count, options ?? new ListenSocketOptions(), taken ?? []);
    }

    /// <summary>
    /// Takes over a socket that listens already: one that systemd has opened, or another process has handed over. It gets
    /// close-on-exec and the options for accepted connections; what waits in its queue stays there.
    /// </summary>
    /// <param name="handle">The descriptor; it becomes the socket's.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="keepsBacklog">True to leave the backlog as it is, false to ask for that of the options.</param>
    /// <exception cref="ArgumentException">The descriptor isn't a listening stream socket.</exception>
    public static ListenSocket Adopt(SafeSocketHandle handle, ListenSocketOptions? options = null, bool keepsBacklog = true)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return AdoptOpened(SocketOpening.Adopt(handle), options ?? new ListenSocketOptions(), keepsBacklog);
    }

    /// <summary>
    /// A socket that another process is handing over. Both accept from it, and nothing about it changes before <see cref="MakeOwn"/>:
    /// closing it before then changes nothing for the other process.
    /// </summary>
    /// <param name="handle">The descriptor; it becomes the socket's.</param>
    /// <param name="address">Its address, as the other process names it.</param>
    /// <param name="options">What holds from <see cref="MakeOwn"/> on; null for the defaults.</param>
    /// <param name="shard">Which of the address's shards it is; null for the only socket there.</param>
    /// <exception cref="ArgumentException">The descriptor isn't a listening stream socket.</exception>
    public static ListenSocket Borrow(SafeSocketHandle handle, ListenAddress address, ListenSocketOptions? options = null, Shard? shard = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(address);
        return BorrowOpened(SocketOpening.Adopt(handle) with { Address = address }, options ?? new ListenSocketOptions(), shard);
    }

    internal static ListenSocket Opened(OpenedSocket opened, ListenSocketOptions options, Shard? shard) =>
        new(opened, options, options.Backlog, shard);

    internal static ListenSocket AdoptOpened(OpenedSocket opened, ListenSocketOptions options, bool keepsBacklog)
    {
        var socket = new ListenSocket(opened, options, requested: null, shard: null);
        socket.ApplyOptions(keepsBacklog);
        return socket;
    }

    internal static ListenSocket BorrowOpened(OpenedSocket opened, ListenSocketOptions options, Shard? shard = null) =>
        new(opened, options, requested: null, shard) { IsInHandover = true };

    /// <summary>The process that handed the socket over lets go of it: from here on it has the options and the backlog of this one.</summary>
    /// <param name="ownsFile">True to remove a Unix socket's file at the end, as its maker would have.</param>
    /// <param name="keepsBacklog">True to leave the backlog as it is, e.g. that of a socket that systemd has opened.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void MakeOwn(bool ownsFile = false, bool keepsBacklog = false)
    {
        IsInHandover = false;
        ApplyOptions(keepsBacklog);
        // The other may have begun to stop before it let go.
        if (OperatingSystem.IsLinux()) SynFilter.Detach(Socket);
        if (ownsFile && Address is { IsUnix: true, IsAbstract: false }) _file = UnixSocketFile.At(Address.UnixPath!);
    }

    /// <summary>What waits in the queue now, its effective backlog and its drops; null where this system does not tell.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public QueueReading? ReadQueue() => _queue.Read();

    /// <summary>The same without the drops: one system call less for each accept.</summary>
    internal QueueReading? ReadDepth() => _queue.ReadDepth();

    /// <summary>
    /// Asks for another backlog while the socket listens; what waits is not touched (listen(2)). Does nothing while another process may
    /// go on with the socket.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Resize(Backlog backlog) => _backlog.Resize(backlog);

    /// <summary>
    /// Asks for the requested backlog again where the kernel's cap has been raised since; a socket that listens keeps its old
    /// effective backlog until then (listen(2)). True where the effective backlog has grown.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool ApplyRaisedCap() => _backlog.ApplyRaisedCap();

    /// <summary>Doubles the backlog, where it is <see cref="Backlog.Auto"/> and the kernel's cap allows it. True where it has grown.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool Grow() => _backlog.Grow();

    /// <summary>
    /// The backlog for a log line: <c>backlog: 128</c>, or <c>backlog: 4096, requested 65535, capped by net.core.somaxconn</c>
    /// where the kernel kept another number, or <c>backlog: unknown, requested 128</c> where it does not tell.
    /// </summary>
    public string DescribeBacklog() => _backlog.Describe();

    /// <summary>The same for the shards of one address, with their sum: <c>backlog: 4096, 4 shards: 16384 in all</c>.</summary>
    public static string DescribeBacklog(IReadOnlyCollection<ListenSocket> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return BacklogControl.Describe(shards);
    }

    /// <summary>
    /// Lets no new handshake begin, while those under way end: what comes before closing a socket that nobody takes over, so that no
    /// client finishes its handshake only to be reset. False where the system cannot do it (Unix sockets, or not Linux), or another
    /// process holds the socket too.
    /// </summary>
    public bool StopNewHandshakes() => !IsHeldElsewhere && OperatingSystem.IsLinux() && !Address.IsUnix && SynFilter.TryAttach(Socket);

    /// <summary>
    /// Records that the service manager, which opened the socket, holds it too. Closing it here then resets nobody and removes no file.
    /// </summary>
    public void MarkHeldElsewhere() => _isHeldElsewhere = true;

    /// <summary>
    /// Closes the socket and removes a Unix socket's file. Connections still waiting in the queue are reset by the kernel, unless
    /// another process holds the socket too; end an <see cref="AcceptLoop"/> with <see cref="AcceptLoop.DrainAsync"/> first.
    /// </summary>
    public void Dispose()
    {
        if (OwnsFile) _file!.Remove();
        _queue.Dispose();
        // Not Socket.Dispose(): it deletes whatever file stands at a Unix path, another server's too.
        if (IsHeldElsewhere && OperatingSystem.IsLinux()) SocketCalls.CloseHere(Socket.SafeHandle);
        else Socket.SafeHandle.Dispose();
#pragma warning disable CA1816 // The finalizer of that Socket would delete the file as well.
        GC.SuppressFinalize(Socket);
#pragma warning restore CA1816
    }

    private void ApplyOptions(bool keepsBacklog)
    {
        Warnings = SocketSetup.ApplyForConnections(Socket, Address, Options);
        if (!keepsBacklog) _backlog.Apply(Options.Backlog);
    }
}
