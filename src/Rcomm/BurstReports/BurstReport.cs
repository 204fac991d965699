using System.Text.Json.Serialization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>The report of a run: the output of --json, and the input of --html, --compare and --merge.</summary>
/// <param name="Format">Increased when a name in the file changes its meaning; currently 1.</param>
/// <param name="Rcomm">The version of rcomm that measured.</param>
/// <param name="Host">Where it was measured.</param>
/// <param name="Burst">The result of the connections.</param>
/// <param name="ListenQueue">The target's listen queue; null if it isn't on this host.</param>
internal sealed record BurstReport(int Format, string Rcomm, BurstHost Host, BurstResult Burst, TargetQueue? ListenQueue)
{
    public const int CurrentFormat = 1;

    /// <summary>Returns how many of the connections that retransmitted a packet were dropped: none if the target's own queue counted no drops.</summary>
    public int Dropped(int retried) => ListenQueue is { Drops: 0 } ? 0 : retried;
}

/// <summary>The machine that opened the connections.</summary>
/// <param name="Kernel">The Linux version.</param>
/// <param name="Cores">The number of cores; of several machines, the sum.</param>
/// <param name="Name">Its name.</param>
internal sealed record BurstHost(string Kernel, int Cores, string? Name = null)
{
    public static BurstHost Here() => new(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), Environment.ProcessorCount, Environment.MachineName);
}

/// <summary>The target's listen queue during the burst; if several sockets share the address (shards), their sum.</summary>
/// <param name="Address">The address it listens on.</param>
/// <param name="Owner">The program that holds it, e.g. <c>nginx (pid 812)</c>; null if not visible to this user.</param>
/// <param name="Sockets">The number of listening sockets on the address; more than one with <c>SO_REUSEPORT</c>.</param>
/// <param name="Backlog">The effective backlog. Each socket's queue holds one more.</param>
/// <param name="DepthBefore">Connections waiting before the burst.</param>
/// <param name="DepthPeak">The most connections waiting in any sample.</param>
/// <param name="DepthAfter">Connections waiting after the burst.</param>
/// <param name="Drops">Handshakes lost during the burst; null if the kernel doesn't count them (Unix sockets).</param>
/// <param name="Samples">The samples in chronological order.</param>
internal sealed record TargetQueue(
    string Address,
    string? Owner,
    int Sockets,
    int Backlog,
    int DepthBefore,
    int DepthPeak,
    int DepthAfter,
    long? Drops,
    IReadOnlyList<QueueSample> Samples);

/// <summary>The queue at one moment.</summary>
/// <param name="AtUs">Microseconds since the run began, on the clock of the connections.</param>
/// <param name="Depth">Connections waiting.</param>
/// <param name="Backlog">The effective backlog.</param>
/// <param name="Drops">Handshakes lost since the run began; null if the kernel doesn't count them.</param>
internal sealed record QueueSample(long AtUs, int Depth, int Backlog, long? Drops);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(BurstReport))]
internal sealed partial class BurstJson : JsonSerializerContext;
