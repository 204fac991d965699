using System.CommandLine;
using Rcomm.Listening.Addresses;
using Rcomm.Queues;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>The options that select listening sockets of this machine.</summary>
internal static class QueueOptions
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(10);

    public static Option<ushort?> Port(string description) => new("--port")
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = parsed =>
        {
            if (ushort.TryParse(parsed.Tokens[0].Value, out ushort port) && port > 0) return port;
            parsed.AddError($"--port={parsed.Tokens[0].Value}: write a port from 1 to 65535");
            return null;
        },
    };

    public static Option<int?> Pid(string description) => new("--pid")
    {
        Description = description,
        HelpName = "PID",
        CustomParser = parsed =>
        {
            if (int.TryParse(parsed.Tokens[0].Value, out int process) && process > 0) return process;
            parsed.AddError($"--pid={parsed.Tokens[0].Value}: write the id of a process, e.g. 812");
            return null;
        },
    };

    public static Option<ListenAddress?> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS",
        CustomParser = parsed =>
        {
            if (ListenAddress.TryParse(parsed.Tokens[0].Value, out ListenAddress? address, out string? error)) return address;
            parsed.AddError($"{name}: {error}");
            return null;
        },
    };

    public static Option<string?> UnixPath(string description) => new("--unix")
    {
        Description = description,
        HelpName = "PATH",
        CustomParser = parsed =>
        {
            string path = Shared.Linux.UnixPath.In(parsed.Tokens[0].Value) ?? parsed.Tokens[0].Value;
            return path is ['@', ..] ? path : Path.GetFullPath(path);
        },
    };

    public static Option<QueueOrder> Sort() => new("--sort")
    {
        Description = "the order: fill (fullest first), drops or port",
        HelpName = "fill|drops|port",
        CustomParser = parsed =>
        {
            if (Enum.TryParse(parsed.Tokens[0].Value, ignoreCase: true, out QueueOrder order) && Enum.IsDefined(order)) return order;
            parsed.AddError($"--sort={parsed.Tokens[0].Value}: write fill, drops or port");
            return QueueOrder.Fill;
        },
    };

    public static Option<TimeSpan?> Interval(string description) => new("--interval")
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = parsed =>
        {
            try
            {
                TimeSpan interval = SettingParsers.Time(parsed.Tokens[0].Value);
                if (interval >= MinInterval) return interval;
                parsed.AddError($"--interval={parsed.Tokens[0].Value}: 10ms is the shortest");
            }
            catch (FormatException e)
            {
                parsed.AddError($"--interval={parsed.Tokens[0].Value}: {e.Message}");
            }
            return null;
        },
    };
}
