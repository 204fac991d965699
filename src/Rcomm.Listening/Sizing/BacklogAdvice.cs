using System.Globalization;
using System.Numerics;

namespace Rcomm.Listening.Sizing;

/// <summary>The backlog that would have held a burst, and how to set it. The only place with this calculation (docs/advice.md).</summary>
/// <param name="Backlog">The advised backlog in connections: a power of two.</param>
/// <param name="Cap">The kernel's cap, if it is below the advised backlog; otherwise null.</param>
/// <param name="Shards">How many shards share the address now; 1 for a single socket.</param>
public sealed record BacklogAdvice(int Backlog, int? Cap, int Shards = 1)
{
    private const int Max = 1 << 30;

    /// <summary>Calculates the backlog for a burst from its peak depth and the handshakes dropped.</summary>
    /// <param name="peak">The peak depth in connections.</param>
    /// <param name="drops">
    /// Handshakes dropped within less than a second, minus those that a window shortly before has counted. A client whose handshake was dropped
    /// retries after 1 s at the earliest (initial timeout of RFC 6298), so none is counted twice.
    /// </param>
    /// <param name="cap"><c>net.core.somaxconn</c>; null if unknown.</param>
    /// <param name="shards">How many shards share the address; peak and drops are those of one shard.</param>
    public static BacklogAdvice For(long peak, long drops, int? cap, int shards = 1)
    {
        long needed = Math.Clamp(peak + drops, 1, Max);
        int backlog = (int)BitOperations.RoundUpToPowerOf2((ulong)needed);
        return new(backlog, cap < backlog ? cap : null, shards);
    }

    /// <summary>Returns what to do, as a sentence to follow "listen queue full: …".</summary>
    public override string ToString() => Naming(nameof(Backlog), nameof(Shards));

    /// <summary>Returns the same with other setting names.</summary>
    /// <param name="backlogSetting">The name of the setting for the backlog.</param>
    /// <param name="shardsSetting">The name of the setting for the shards.</param>
    /// <param name="acceptSetting">
    /// The setting that makes the kernel accept ahead of the server (<see cref="Accepting.AcceptMethod.IoUring"/>); null if it already does, or
    /// can't.
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
