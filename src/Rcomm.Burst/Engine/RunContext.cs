using System.Net;
using System.Text;

namespace Rcomm.Burst.Engine;

/// <summary>An address to connect from, and its <c>struct sockaddr</c> with port 0.</summary>
internal sealed record Source(IPAddress Address, byte[] Native);

/// <summary>What every worker of a run shares: the plan in the kernel's terms, the clock, and the wish to stop.</summary>
internal sealed class RunContext
{
    private readonly Source[] _sources;
    private volatile bool _stopped;
    private uint _turn;

    public RunContext(BurstPlan plan, Clock clock)
    {
        (Plan, Clock) = (plan, clock);
        (Address, Family) = (NativeForm(plan.Target.EndPoint), FamilyOf(plan.Target.EndPoint));
        _sources = [.. plan.Sources.For(plan).Select(address => new Source(address, NativeForm(new IPEndPoint(address, 0))))];
        TimeoutUs = (long)plan.Timeout.TotalMicroseconds;
        HoldUs = (long)plan.Hold.TotalMicroseconds;
        Request = Encoding.ASCII.GetBytes(
            $"GET {plan.Target.Path} HTTP/1.1\r\nHost: {plan.Target.Host}\r\nUser-Agent: rcomm-burst\r\nAccept: */*\r\n{(HoldUs > 0 ? "" : "Connection: close\r\n")}\r\n");
    }

    public BurstPlan Plan { get; }

    public Clock Clock { get; }

    /// <summary>The target as <c>struct sockaddr</c>.</summary>
    public byte[] Address { get; }

    public int Family { get; }

    public bool IsUnix => Plan.Target.EndPoint is not IPEndPoint;

    public long TimeoutUs { get; }

    public long HoldUs { get; }

    public byte[] Request { get; }

    public int SourceCount => _sources.Length;

    public bool Stopped => _stopped;

    public void Stop() => _stopped = true;

    /// <summary>The source whose turn it is; null where the system chooses.</summary>
    public Source? NextSource() => _sources.Length == 0 ? null : _sources[Interlocked.Increment(ref _turn) % (uint)_sources.Length];

    private static byte[] NativeForm(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer[..address.Size].ToArray();
    }

    // The kernel's numbers, which differ from those of AddressFamily.
    private static int FamilyOf(EndPoint endPoint) => NativeForm(endPoint) is [var low, var high, ..] ? low | high << 8 : 0;
}
