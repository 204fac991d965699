using System.Globalization;
using Rcomm.Shared.Linux;

namespace Rcomm.BurstReports;

/// <summary>Builds the command that raises the backlog of the target's listen queue, whatever program it belongs to.</summary>
internal static class RaiseCommand
{
    public static string For(TargetQueue queue, int backlog)
    {
        string target = UnixPath.In(queue.Address) is { } path
            ? $"--unix {path}"
            : $"--port {queue.Address[(queue.Address.LastIndexOf(':') + 1)..]}";
        string raise = SomaxConn.Here() < backlog ? string.Create(CultureInfo.InvariantCulture, $"sudo sysctl -w net.core.somaxconn={backlog} && ") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{raise}sudo rcomm backlog {backlog} {target}");
    }
}
