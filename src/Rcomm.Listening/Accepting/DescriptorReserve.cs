using System.Net.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Keeps the last descriptors of the process from being taken by connections: a server that cannot open the file it is asked for, or an
/// assembly of its own, fails the requests it has accepted (.NET itself ends with "Out of memory" there). Connections wait instead.
/// </summary>
internal sealed class DescriptorReserve(SafeSocketHandle listener)
{
    private const int Min = 32;
    private const int Max = 256;
    private const int Share = 16;

    private long _usable = UsableOf(SoftLimit);
    private bool _reached;

    /// <summary>Notes the descriptor of a connection that was just accepted.</summary>
    public void Used(int descriptor) => _reached = descriptor >= _usable;

    /// <summary>True while nothing but the reserve is left.</summary>
    public bool IsReached()
    {
        if (!_reached) return false;
        // The limit may have been raised meanwhile (prlimit(2)).
        _usable = UsableOf(SoftLimit);
        return _reached = !(DescriptorLimit.LowestFree(listener) < _usable);
    }

    /// <summary>How many descriptors of this process connections may use.</summary>
    public static long Usable => UsableOf(SoftLimit);

    private static long SoftLimit => DescriptorLimit.Read() is { } limit ? (long)Math.Min(limit.Soft, long.MaxValue) : long.MaxValue;

    /// <summary>Of a limit, how many descriptors connections may use.</summary>
    internal static long UsableOf(long limit) => limit - Math.Clamp(limit / Share, Min, Max);
}
