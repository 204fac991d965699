using System.Globalization;
using Rcomm.Listening.Sizing;
using Rcomm.Settings.Groups;

namespace Rcomm.Doctor;

/// <summary>Checks the limits of this process.</summary>
internal static class LimitChecks
{
    // Descriptors used by the runtime, the log and pages being served, besides connections; about 150 measured at rest.
    private const int OwnDescriptors = 256;

    /// <summary>Checks each limit; the backlog is that of each shard.</summary>
    public static IEnumerable<Finding> Run(SystemFiles files, Backlog backlog, int shards, int? maxConnections) =>
        [OpenFiles(files, backlog, shards, maxConnections), .. ControlGroupChecks.Run(files)];

    private static Finding OpenFiles(SystemFiles files, Backlog backlog, int shards, int? maxConnections)
    {
        const string name = "open files (RLIMIT_NOFILE)";
        const string why = "Each open connection is a file descriptor; at the limit, accepting pauses and the listen queue fills.";
        // The runtime raises the soft limit to the hard one at startup, so a server would have this limit.
        string[]? columns = files.Read("/proc/self/limits")?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))?
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (columns is not [.., var hard, _]) return new(name, Severity.Unknown, "could not be read", null, why);
        if (hard == "unlimited" || !long.TryParse(hard, CultureInfo.InvariantCulture, out long limit)) return new(name, Severity.Ok, hard, null, why);

        long waiting = shards * Math.Min(backlog.Connections, files.ReadSysctl("net.core.somaxconn") ?? backlog.Connections);
        long wanted = (maxConnections ?? Math.Max(4096, 2 * waiting)) + OwnDescriptors;
        string source = maxConnections is null ? "twice the backlog" : LimitsGroup.MaxConnections.Variable;
        string needs = $"{wanted} or more: {source}, and {OwnDescriptors} of its own";
        return limit >= wanted
            ? new(name, Severity.Ok, hard, needs, why)
            : new(name, limit < (maxConnections ?? waiting) + OwnDescriptors ? Severity.Problem : Severity.Warning, hard, needs, why,
                $"systemd: LimitNOFILE={wanted}   shell: ulimit -n {wanted}   docker: --ulimit nofile={wanted}");
    }
}
