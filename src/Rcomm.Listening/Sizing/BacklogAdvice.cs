using System.Globalization;
using System.Numerics;

namespace Rcomm.Listening.Sizing;

/// <summary>The backlog that would have held a burst, and how to get it: the one place where that arithmetic stands (docs/advice.md).</summary>
/// <param name="Backlog">The backlog to ask for, in connections: a power of two.</param>
/// <param name="Cap">The kernel's cap where it is below that and so in the way; otherwise null.</param>
/// <param name="Shards">How many shards share the address now; 1 for a socket alone.</param>
public sealed record BacklogAdvice(int Backlog, int? Cap, int Shards = 1)
{
    private const int Max = 1 << 30;

    /// <summary>The backlog for a burst in which so many waited at the peak and so many more were dropped.</summary>
    /// <param name="peak">The peak depth, in connections.</param>
    /// <param name="drops">
    /// Handshakes dropped within less than a second, less those that a window shortly before has counted. A client whose handshake
    /// was dropped tries again after 1 s at the earliest (RFC 6298's initial timeout), so nobody is counted twice.
    /// </param>
    /// <param name="cap"><c>net.core.somaxconn</c>; null where it is unknown.</param>
    /// <param name="shards">How many shards share the address; peak and drops are one shard's.</param>
    public static BacklogAdvice For(long peak, long drops, int? cap, int shards = 1)
    {
        long needed = Math.Clamp(peak + drops, 1, Max);
        int backlog = (int)BitOperations.RoundUpToPowerOf2((ulong)needed);
        return new(backlog, cap < backlog ? cap : null, shards);
    }

    /// <summary>What to do, as a sentence to follow "listen queue full: …".</summary>
    public override string ToString() => Naming(nameof(Backlog), nameof(Shards));

    /// <summary>The same for a program that sets the backlog under a name of its own.</summary>
    /// <param name="backlogSetting">What the operator writes before <c>=</c> to set the backlog.</param>
    /// <param name="shardsSetting">The same for the shards.</param>
    /// <param name="acceptSetting">
    /// What has the kernel accept ahead of the server (<see cref="Accepting.AcceptMethod.IoUring"/>); null where it does so already, or can't.
    /// </param>
    public string Naming(string backlogSetting, string shardsSetting, string? acceptSetting = null)
    {
        string would = string.Create(CultureInfo.InvariantCulture, $"A backlog of {Backlog} would have held this burst; ");
        string or = acceptSetting is null ? "" : $", or {acceptSetting}";
        return Cap is not { } cap
            ? string.Create(CultureInfo.InvariantCulture, $"{would}set {backlogSetting}={Backlog}.")
            : string.Create(CultureInfo.InvariantCulture,
                $"{would}the kernel's cap is {cap}: sysctl -w net.core.somaxconn={Backlog} and set {backlogSetting}={Backlog}, or, without root, " +
                $"{backlogSetting}=max and {shardsSetting}={Shards * ((Backlog + cap - 1) / cap)}{or}.");
    }
}
