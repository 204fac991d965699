using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>
/// A listening socket, opened by explicit socket, option, bind and listen calls, with the backlog that the kernel kept read back from it. It owns its
/// descriptor and, for a Unix path, the file.
/// </summary>
public sealed class ListenSocket : IDisposable
{
    private readonly KernelQueue _queue;
    private readonly BacklogControl _backlog;
    private UnixSocketFile? _file;
    private volatile bool _isHeldElsewhere;

    // The requested backlog is null if another process requested it.
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

    /// <summary>Gets the address, with the port that the system chose if 0 was requested.</summary>
    public ListenAddress Address { get; }

    /// <summary>Gets the shard of the address; null for the only socket.</summary>
    public Shard? Shard { get; }

    /// <summary>Gets the name in the log: <c>127.0.0.1:7878</c>, or <c>127.0.0.1:7878 shard 2 of 4</c>.</summary>
    public string Name => Shard is { } shard ? $"{Address} {shard}" : Address.ToString();

    /// <summary>Gets the requested backlog.</summary>
    public Backlog RequestedBacklog => _backlog.Requested;

    /// <summary>
    /// Gets the backlog that the kernel kept, in connections, read back from the socket; null if this system doesn't report it. On Linux it is the
    /// smaller of the requested one and <c>net.core.somaxconn</c> (listen(2)).
    /// </summary>
    public int? EffectiveBacklog => _backlog.Effective;

    /// <summary>
    /// Gets whether the kernel's cap (<c>net.core.somaxconn</c>) is below the requested backlog. False for <see cref="Backlog.Max"/>, which requests
    /// the cap itself.
    /// </summary>
    public bool IsCapped => _backlog.IsCapped;

    /// <summary>Gets whether this object removes a Unix socket's file.</summary>
    public bool OwnsFile => _file is not null && !IsHeldElsewhere;

    /// <summary>Gets whether another process holds the socket, or may hold it, so that it listens on when this one closes it.</summary>
    public bool IsHeldElsewhere => _isHeldElsewhere || IsInHandover;

    /// <summary>Gets the options that the system refused or changed and the server can do without, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; private set; }

    internal Socket Socket { get; }

    /// <summary>
    /// Whether another process may keep the socket: in the process that hands it over from then on, in the new one until <see cref="MakeOwn"/>.
    /// Nothing about the socket is changed then.
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

    /// <summary>Raised when <see cref="IsInHandover"/> was set, before anything else happens.</summary>
    internal event Action? HandoverChanged;

    internal ListenSocketOptions Options { get; }

    /// <summary>Opens a listening socket.</summary>
    /// <param name="address">A single address; <c>localhost</c> stands for two, see <see cref="ListenAddress.Expand"/>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ListenException">The system refused; the message says why and what to do.</exception>
    /// <exception cref="ArgumentException">The address is <c>localhost</c>, not expanded.</exception>
    public static ListenSocket Open(ListenAddress address, ListenSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsLocalhost) throw new ArgumentException("localhost stands for two sockets; Expand() it first.", nameof(address));

        options ??= new ListenSocketOptions();
        return Opened(SocketOpening.Open(address, options), options, shard: null);
    }

    /// <summary>
    /// Opens several listening sockets on one address (<c>SO_REUSEPORT</c>). The kernel spreads clients over them by a hash of addresses and ports.
    /// Each has its own queue, so together they hold more than the kernel's cap for one. Opens all or none.
    /// </summary>
    /// <param name="address">A TCP address. A Unix socket can't be shared this way and gets one socket, whatever the count.</param>
    /// <param name="count">How many sockets; for 1 the socket is as from <see cref="Open"/>.</param>
    /// <param name="options">The options; null for the defaults. The backlog is that of each shard.</param>
    /// <param name="taken">
    /// Sockets of this address that another process hands over. They become the first shards, even if more than the count, each as from
    /// <see cref="Borrow"/>.
    /// </param>
    /// <exception cref="ListenException">The system refused one of them, or another server listens on the address.</exception>
    /// <exception cref="ArgumentException">The address is <c>localhost</c>, not expanded, or the count is below 1.</exception>
    public static IReadOnlyList<ListenSocket> OpenShards(
        ListenAddress address, int count, ListenSocketOptions? options = null, IReadOnlyList<SafeSocketHandle>? taken = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ShardOpening.Open(address, count, options ?? new ListenSocketOptions(), taken ?? []);
    }

    /// <summary>
    /// Adopts a socket that already listens: one that systemd has opened, or another process has handed over. Sets close-on-exec and the options for
    /// accepted connections; waiting connections stay in its queue.
    /// </summary>
    /// <param name="handle">The descriptor, which the socket owns.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="keepsBacklog">True to keep the backlog, false to request that of the options.</param>
    /// <exception cref="ArgumentException">The descriptor isn't a listening stream socket.</exception>
    public static ListenSocket Adopt(SafeSocketHandle handle, ListenSocketOptions? options = null, bool keepsBacklog = true)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return AdoptOpened(SocketOpening.Adopt(handle), options ?? new ListenSocketOptions(), keepsBacklog);
    }

    /// <summary>
    /// Creates a socket from one that another process is handing over. Both accept from it, and nothing about it changes before
    /// <see cref="MakeOwn"/>. Closing it earlier has no effect on the other process.
    /// </summary>
    /// <param name="handle">The descriptor, which the socket owns.</param>
    /// <param name="address">Its address, as the other process reports it.</param>
    /// <param name="options">The options that apply from <see cref="MakeOwn"/> on; null for the defaults.</param>
    /// <param name="shard">The shard of the address; null for the only socket.</param>
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

    /// <summary>
    /// Takes ownership of the socket once the process that handed it over releases it. It then gets the options and the backlog of this process.
    /// </summary>
    /// <param name="ownsFile">True to remove a Unix socket's file at the end, as the process that created it would have.</param>
    /// <param name="keepsBacklog">True to keep the backlog, e.g. that of a socket opened by systemd.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void MakeOwn(bool ownsFile = false, bool keepsBacklog = false)
    {
        IsInHandover = false;
        ApplyOptions(keepsBacklog);
        // The other process may have begun to stop before it released the socket.
        if (OperatingSystem.IsLinux()) SynFilter.Detach(Socket);
        if (ownsFile && Address is { IsUnix: true, IsAbstract: false }) _file = UnixSocketFile.At(Address.UnixPath!);
    }

    /// <summary>Reads how many connections wait, the effective backlog and the drops; null if this system doesn't report them.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public QueueReading? ReadQueue() => _queue.Read();

    /// <summary>Reads the same without the drops, which saves one system call for each accept.</summary>
    internal QueueReading? ReadDepth() => _queue.ReadDepth();

    /// <summary>Requests another backlog; waiting connections are not affected (listen(2)). No effect while another process may keep the socket.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Resize(Backlog backlog) => _backlog.Resize(backlog);

    /// <summary>
    /// Requests the same backlog again if the kernel's cap has been raised; until then a listening socket keeps its old effective backlog
    /// (listen(2)). Returns true if the effective backlog has grown.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool ApplyRaisedCap() => _backlog.ApplyRaisedCap();

    /// <summary>Doubles the backlog, if it is <see cref="Backlog.Auto"/> and the kernel's cap allows it. Returns true if it has grown.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool Grow() => _backlog.Grow();

    /// <summary>
    /// Returns the backlog for a log line: <c>backlog: 128</c>; <c>backlog: 4096, requested 65535, capped by net.core.somaxconn</c> if the kernel
    /// kept another number; <c>backlog: unknown, requested 128</c> if it doesn't report it.
    /// </summary>
    public string DescribeBacklog() => _backlog.Describe();

    /// <summary>Returns the same for the shards of one address, with their sum: <c>backlog: 4096, 4 shards: 16384 in all</c>.</summary>
    public static string DescribeBacklog(IReadOnlyCollection<ListenSocket> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return BacklogControl.Describe(shards);
    }

    /// <summary>
    /// Stops new handshakes, while pending ones finish. Call it before closing a socket that no other process takes over, so that no client finishes
    /// its handshake only to be reset. Returns false if the system doesn't support it (Unix sockets, or not Linux), or another process also holds the
    /// socket.
    /// </summary>
    public bool StopNewHandshakes() => !IsHeldElsewhere && OperatingSystem.IsLinux() && !Address.IsUnix && SynFilter.TryAttach(Socket);

    /// <summary>
    /// Records that the service manager, which opened the socket, also holds it. Closing it here then resets no connection and removes no file.
    /// </summary>
    public void MarkHeldElsewhere() => _isHeldElsewhere = true;

    /// <summary>
    /// Closes the socket and removes a Unix socket's file. The kernel resets connections that still wait in the queue, unless another process also
    /// holds the socket; end an <see cref="AcceptLoop"/> with <see cref="AcceptLoop.DrainAsync"/> first.
    /// </summary>
    public void Dispose()
    {
        if (OwnsFile) _file!.Remove();
        _queue.Dispose();
        // Not Socket.Dispose(), which deletes whatever file is at a Unix path, even another server's.
        if (IsHeldElsewhere && OperatingSystem.IsLinux()) SocketCalls.CloseHere(Socket.SafeHandle);
        else Socket.SafeHandle.Dispose();
#pragma warning disable CA1816 // The Socket's finalizer would delete the file as well.
        GC.SuppressFinalize(Socket);
#pragma warning restore CA1816
    }

    private void ApplyOptions(bool keepsBacklog)
    {
        Warnings = SocketSetup.ApplyForConnections(Socket, Address, Options);
        if (!keepsBacklog) _backlog.Apply(Options.Backlog);
    }
}
