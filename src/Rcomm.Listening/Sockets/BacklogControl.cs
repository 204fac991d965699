using System.Globalization;
using System.Net.Sockets;
using Rcomm.Listening.Sizing;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>
/// The backlog of one listening socket: what was requested, what the kernel kept of it, and asking for another one while the
/// socket listens. <c>listen</c> again changes the backlog at once and does not touch what waits (listen(2)).
/// </summary>
internal sealed class BacklogControl
{
    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly KernelQueue _queue;
    private int _asked;
    private volatile bool _isFrozen;

    /// <summary>The backlog of a socket that listens already.</summary>
    /// <param name="socket">The socket, which this does not own.</param>
    /// <param name="queue">Its queue, where the effective backlog is read.</param>
    /// <param name="requested">
    /// What was asked for; null where another process asked: then it is what the kernel kept, or <paramref name="otherwise"/> where that is
    /// unknown.
    /// </param>
    /// <param name="otherwise">See <paramref name="requested"/>.</param>
    public BacklogControl(Socket socket, KernelQueue queue, Backlog? requested, Backlog otherwise)
    {
        _socket = socket;
        _queue = queue;
        Effective = queue.Read()?.Backlog;
        Requested = requested ?? (Effective is { } kept ? Backlog.Of(kept) : otherwise);
        _asked = Requested.Connections;
    }

    /// <summary>See <see cref="ListenSocket.RequestedBacklog"/>.</summary>
    public Backlog Requested { get; private set; }

    /// <summary>See <see cref="ListenSocket.EffectiveBacklog"/>.</summary>
    public int? Effective { get; private set; }

    /// <summary>See <see cref="ListenSocket.IsCapped"/>.</summary>
    public bool IsCapped => OperatingSystem.IsLinux() && !Requested.IsMax && Effective < _asked;

    /// <summary>True while another process may be the one that goes on with the socket: then its backlog stays as it is.</summary>
    public bool IsFrozen
    {
        get => _isFrozen;
        set => _isFrozen = value;
    }

    /// <summary>Asks for another backlog.</summary>
    public void Resize(Backlog backlog)
    {
        lock (_lock)
        {
            if (_isFrozen) return;
            Requested = backlog;
            Ask(backlog.Connections);
        }
    }

    /// <summary>Asks for the backlog of the options. What <see cref="Backlog.Auto"/> has grown to is kept: it never shrinks by itself.</summary>
    public void Apply(Backlog backlog)
    {
        lock (_lock)
        {
            Requested = backlog;
            Ask(backlog.IsAuto ? Math.Max(Effective ?? 0, backlog.Connections) : backlog.Connections);
        }
    }

    /// <summary>Asks for the requested backlog again where the kernel's cap has been raised since. True where the effective one has grown.</summary>
    public bool ApplyRaisedCap()
    {
        lock (_lock)
        {
            if (_isFrozen || Effective is not { } before || (!IsCapped && !Requested.IsMax)) return false;
            if (!(SomaxConn.For(_socket) > before)) return false;

            Ask(_asked);
            return Effective > before;
        }
    }

    /// <summary>Doubles the backlog, where it is <see cref="Backlog.Auto"/> and the kernel's cap allows it. True where it has grown.</summary>
    public bool Grow()
    {
        lock (_lock)
        {
            // Asked for more than was kept: the cap is reached.
            if (_isFrozen || !Requested.IsAuto || Effective is not { } before || before < _asked) return false;

            Ask(Math.Max(1, before) * 2);
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

    private void Ask(int backlog)
    {
        _asked = backlog;
        _socket.Listen(backlog);
        Effective = _queue.Read()?.Backlog;
    }

    /// <summary>For the shards of one address, with their sum.</summary>
    public static string Describe(IReadOnlyCollection<ListenSocket> shards)
    {
        string one = shards.First().DescribeBacklog();
        if (shards.Count == 1) return one;
        string sum = shards.Sum(shard => (long?)shard.EffectiveBacklog)?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
        return string.Create(CultureInfo.InvariantCulture, $"{one}, {shards.Count} shards: {sum} in all");
    }
}
