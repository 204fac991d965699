using System.Reflection;
using System.Text.Json.Serialization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>All that is known of a run: what --json prints, and what --html, --compare and --merge read.</summary>
/// <param name="Format">Raised when a name in the file changes its meaning; 1 today.</param>
/// <param name="Rcomm">The version of rcomm that measured.</param>
/// <param name="Host">Where it was measured.</param>
/// <param name="Burst">What became of the connections.</param>
/// <param name="ListenQueue">The target's listen queue; null where it is not on this host.</param>
internal sealed record BurstReport(int Format, string Rcomm, BurstHost Host, BurstResult Burst, TargetQueue? ListenQueue)
{
    public const int CurrentFormat = 1;

    /// <summary>Of connections that sent a packet again, those that were dropped: none, where the target's own queue says that it dropped nothing.</summary>
    public int Dropped(int retried) => ListenQueue is { Drops: 0 } ? 0 : retried;
}

/// <summary>The machine that opened the connections.</summary>
/// <param name="Kernel">Its Linux.</param>
/// <param name="Cores">Its cores; of several machines, all of them.</param>
/// <param name="Name">Its name.</param>
internal sealed record BurstHost(string Kernel, int Cores, string? Name = null)
{
    /// <summary>The version of this rcomm.</summary>
    public static string Version { get; } = typeof(BurstHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static BurstHost Here() => new(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), Environment.ProcessorCount, Environment.MachineName);
}

/// <summary>The target's listen queue while the burst met it; of several sockets on one address (shards), the sum.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Owner">The program that holds it, e.g. <c>nginx (pid 812)</c>; null where this user may not see it.</param>
/// <param name="Sockets">Listening sockets on the address; more than one with <c>SO_REUSEPORT</c>.</param>
/// <param name="Backlog">The effective backlog. Each socket's queue holds one more.</param>
/// <param name="DepthBefore">Connections that waited before the burst.</param>
/// <param name="DepthPeak">The most that waited, of the samples taken.</param>
/// <param name="DepthAfter">Connections that waited after it.</param>
/// <param name="Drops">Handshakes lost during the burst; null where the kernel does not count them (Unix sockets).</param>
/// <param name="Samples">The samples, in order of time.</param>
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

/// <summary>The queue at one instant.</summary>
/// <param name="AtUs">Microseconds since the run began, on the clock of the connections.</param>
/// <param name="Depth">Connections that wait.</param>
/// <param name="Backlog">The effective backlog.</param>
/// <param name="Drops">Handshakes lost since the run began; null where the kernel does not count them.</param>
internal sealed record QueueSample(long AtUs, int Depth, int Backlog, long? Drops);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = false)]
[JsonSerializable(typeof(BurstReport))]
internal sealed partial class BurstJson : JsonSerializerContext;
