using System.Net.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Keeps connections from taking the last descriptors of the process. Without a reserve, a server can't open the file that a request asks for, or
/// load an assembly, and fails requests it has accepted (.NET itself ends with "Out of memory"). Connections wait in the listen queue instead.
/// </summary>
internal sealed class DescriptorReserve(SafeSocketHandle listener)
{
    private const int Max = 256;
    private const int Share = 16;

    private long _usable = UsableOf(SoftLimit);
    private bool _reached;

    /// <summary>Records the descriptor of a newly accepted connection.</summary>
    public void Used(int descriptor) => _reached = descriptor >= _usable;

    /// <summary>Returns true while only the reserve is left.</summary>
    public bool IsReached()
    {
        if (!_reached) return false;
        // The limit may have been raised (prlimit(2)).
        _usable = UsableOf(SoftLimit);
        return _reached = !(DescriptorLimit.LowestFree(listener) < _usable);
    }

    /// <summary>How many descriptors of this process connections may use.</summary>
    public static long Usable => UsableOf(SoftLimit);

    private static long SoftLimit => DescriptorLimit.Read() is { } limit ? (long)Math.Min(limit.Soft, long.MaxValue) : long.MaxValue;

    /// <summary>Returns how many descriptors connections may use under a limit.</summary>
    internal static long UsableOf(long limit) => limit - Math.Clamp(limit / Share, DescriptorLimit.MinReserve, Max);
}
