using System.Globalization;
using System.Net.Sockets;
using Rcomm.Listening.Sizing;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>
/// Controls the backlog of one listening socket: what was requested, what the kernel kept of it, and changes while the socket listens. Calling
/// <c>listen</c> again changes the backlog immediately and does not affect waiting connections (listen(2)).
/// </summary>
internal sealed class BacklogControl
{
    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly KernelQueue _queue;
    private int _requested;
    private volatile bool _isFrozen;

    /// <summary>Initializes the backlog of a socket that already listens.</summary>
    /// <param name="socket">The socket, which this object does not own.</param>
    /// <param name="queue">Its queue, from which the effective backlog is read.</param>
    /// <param name="requested">
    /// The requested backlog. Null if another process requested it: then what the kernel kept, or <paramref name="otherwise"/> if that is unknown.
    /// </param>
    /// <param name="otherwise">See <paramref name="requested"/>.</param>
    public BacklogControl(Socket socket, KernelQueue queue, Backlog? requested, Backlog otherwise)
    {
        _socket = socket;
        _queue = queue;
        Effective = queue.Read()?.Backlog;
        Requested = requested ?? (Effective is { } kept ? Backlog.Of(kept) : otherwise);
        _requested = Requested.Connections;
    }

    /// <summary>See <see cref="ListenSocket.RequestedBacklog"/>.</summary>
    public Backlog Requested { get; private set; }

    /// <summary>See <see cref="ListenSocket.EffectiveBacklog"/>.</summary>
    public int? Effective { get; private set; }

    /// <summary>See <see cref="ListenSocket.IsCapped"/>.</summary>
    public bool IsCapped => OperatingSystem.IsLinux() && !Requested.IsMax && Effective < _requested;

    /// <summary>Whether another process may keep the socket: its backlog must not change then.</summary>
    public bool IsFrozen
    {
        get => _isFrozen;
        set => _isFrozen = value;
    }

    public void Resize(Backlog backlog)
    {
        lock (_lock)
        {
            if (_isFrozen) return;
            Requested = backlog;
            Listen(backlog.Connections);
        }
    }

    /// <summary>
    /// Requests the backlog of the options. What <see cref="Backlog.Auto"/> has grown to is kept, since it never shrinks by itself.
    /// </summary>
    public void Apply(Backlog backlog)
    {
        lock (_lock)
        {
            Requested = backlog;
            Listen(backlog.IsAuto ? Math.Max(Effective ?? 0, backlog.Connections) : backlog.Connections);
        }
    }

    /// <summary>Requests the same backlog again if the kernel's cap has been raised. Returns true if the effective backlog has grown.</summary>
    public bool ApplyRaisedCap()
    {
        lock (_lock)
        {
            if (_isFrozen || Effective is not { } before || (!IsCapped && !Requested.IsMax)) return false;
            if (!(SomaxConn.For(_socket) > before)) return false;

            Listen(_requested);
            return Effective > before;
        }
    }

    /// <summary>Doubles the backlog, if it is <see cref="Backlog.Auto"/> and the kernel's cap allows it. Returns true if it has grown.</summary>
    public bool Grow()
    {
        lock (_lock)
        {
            // The kernel kept less than requested: the cap is reached.
            if (_isFrozen || !Requested.IsAuto || Effective is not { } before || before < _requested) return false;

            Listen(Math.Max(1, before) * 2);
            return Effective > before;
        }
    }

    /// <summary>See <see cref="ListenSocket.DescribeBacklog()"/>.</summary>
    public string Describe()
    {
        string kept = Effective?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
        if (Effective is not null && Requested.IsAuto) return $"backlog: {kept}, auto";
        if (Effective == Requested.Connections || (Requested.IsMax && Effective is not null)) return $"backlog: {kept}";
        return $"backlog: {kept}, requested {Requested}" + (IsCapped ? ", capped by net.core.somaxconn" : "");
    }

    private void Listen(int backlog)
    {
        _requested = backlog;
        _socket.Listen(backlog);
        Effective = _queue.Read()?.Backlog;
    }

    /// <summary>Describes the backlog of the shards of one address, with their sum.</summary>
    public static string Describe(IReadOnlyCollection<ListenSocket> shards)
    {
        string one = shards.First().DescribeBacklog();
        if (shards.Count == 1) return one;
        string sum = shards.Sum(shard => (long?)shard.EffectiveBacklog)?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
        return string.Create(CultureInfo.InvariantCulture, $"{one}, {shards.Count} shards: {sum} in all");
    }
}
