using System.Globalization;
using Rcomm.HostQueues.Servers;
using Rcomm.Listening.HostQueues;

namespace Rcomm.HostQueues;

/// <summary>How to raise the backlog of any program's queue.</summary>
/// <param name="Now">The command that raises it immediately.</param>
/// <param name="ForGood">The program's own setting, and how to apply it.</param>
internal sealed record QueueAdvice(string Now, string ForGood)
{
    private const string Unknown = "this program's own setting, see docs/other-servers.md";

    /// <param name="backlog">The desired backlog in connections.</param>
    /// <param name="cap"><c>net.core.somaxconn</c> in the queue's namespace; null if unknown.</param>
    public static QueueAdvice For(HostQueue queue, int backlog, int? cap) => new(Command(queue, backlog, cap), Permanent(queue, backlog));

    /// <summary>Returns the program's own setting, e.g. <c>PostgreSQL: max_connections…, then restart</c>.</summary>
    public static string Permanent(HostQueue queue, int backlog)
    {
        if (Server(queue) is not { } server) return Unknown;
        string how = server.ApplyFor(backlog);
        string command = how[(how.IndexOf(": ", StringComparison.Ordinal) is >= 0 and int colon ? colon + 2 : 0)..];
        string setting = server.SettingFor(backlog, queue.Address.IsUnix ? null : queue.Address.Port);
        // A setting that ends with a semicolon would not read well in the sentence.
        return $"{server.Name}: {(setting.EndsWith(';') ? $"\"{setting}\"" : setting)}{(command == "" ? "" : $", then {command}")}";
    }

    private const int MaxForDrops = 16_384;

    /// <summary>
    /// Returns a sufficient backlog for a queue with a current reading and a number of drops: at least twice its backlog, and more than wait now. An
    /// empty slot costs nothing, so it also covers the case that all drops came from one burst.
    /// </summary>
    public static int Enough(HostQueue queue, long drops) =>
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(
            Math.Max(Math.Max(queue.Backlog * 2L, queue.Depth + 1L), Math.Min(queue.Backlog + drops, MaxForDrops)), 16, 1 << 30));

    private static string Command(HostQueue queue, int backlog, int? cap)
    {
        string target = queue.Address.IsUnix ? $"--unix {queue.Address.UnixPath}" : $"--port {queue.Address.Port}";
        string process = queue.Namespace is null || queue.Owners is not [var owner, ..]
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" --pid {owner.Id}");
        string enter = queue.Namespace is { } other ? string.Create(CultureInfo.InvariantCulture, $"nsenter -t {other.Process} -n ") : "";
        string raise = cap < backlog ? $"sudo {enter}sysctl -w net.core.somaxconn={backlog} && " : "";
        return $"{raise}sudo rcomm backlog {backlog} {target}{process}";
    }

    private static ServerProgram? Server(HostQueue queue) => queue.Owners
        .Select(owner => ServerPrograms.Identify(ServerProcess.Read(owner.Id, owner.Name)))
        .FirstOrDefault(server => server is not null);
}
