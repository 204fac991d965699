using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Http.AccessLogging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Proxy;
using Rcomm.Settings.Groups;
using Rcomm.Shared.Linux;

namespace Rcomm.Settings;

/// <summary>Parses the values of settings. Every error shows a valid value.</summary>
internal static class SettingParsers
{
    private const int MappedPrefix = 96;

    // A number alone means seconds.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(10);
    private static readonly (string Unit, double Seconds)[] TimeUnits = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];
    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30),
        ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("b", 1), ("", 1),
    ];

    /// <summary>Parses texts separated by commas.</summary>
    public static IReadOnlyList<string> List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Parses upstreams separated by commas.</summary>
    public static IReadOnlyList<UpstreamAddress> Upstreams(string text) =>
        [.. List(text).Select(one => UpstreamAddress.TryParse(one, out UpstreamAddress? address)
        ? address
        : throw new FormatException(ushort.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? $"{one} is a port without an address; did you mean :{one}, which is 127.0.0.1:{one}"
            : $"{one} isn't a valid upstream; write where the service is, e.g. http://127.0.0.1:3000 or unix:/run/app.sock"))];

    /// <summary>Parses the HTTP version for upstreams.</summary>
    public static Version UpstreamHttp(string text) => text switch
    {
        "1.1" => HttpVersion.Version11,
        "2" => HttpVersion.Version20,
        _ => throw new FormatException("write 1.1 or 2"),
    };

    /// <summary>Parses a name of one word for the Via field; <c>off</c> for none.</summary>
    public static string Pseudonym(string text) => text.Equals("off", StringComparison.OrdinalIgnoreCase) ? ""
        : text.All(one => char.IsAsciiLetterOrDigit(one) || "-._:".Contains(one, StringComparison.Ordinal)) ? text
        : throw new FormatException("write one word of letters, digits, dots and dashes, e.g. the name of this host, or off");

    /// <summary>Parses origins as browsers send them, separated by commas: any other spelling would match none.</summary>
    public static IReadOnlyList<string> Origins(string text) => [.. List(text).Select(one =>
        one == "*" || (Uri.TryCreate(one, UriKind.Absolute, out Uri? url) && url.Host != "" && url.GetLeftPart(UriPartial.Authority)
            .Equals(one, StringComparison.OrdinalIgnoreCase))
            ? one
            : throw new FormatException($"{one} isn't a valid origin; write * or the scheme and the host only, e.g. https://app.example.com"))];

    /// <summary>Parses the path of a URL; empty for none.</summary>
    public static string UrlPath(string text) => text == "" || (text[0] == '/' && text.All(c => c is > ' ' and < '\x7f'))
        ? text
        : throw new FormatException($"{text}: write a path that begins with /, without spaces, e.g. /healthz");

    /// <summary>Returns the absolute path.</summary>
    public static string FullPath(string text)
    {
        if (text == "") throw new FormatException("the path is empty");
        if (text.Contains('\0')) throw new FormatException("a path can't contain a NUL character");
        try
        {
            return Path.GetFullPath(text);
        }
        catch (IOException)
        {
            throw new FormatException("the working folder no longer exists; write a path that begins with /");
        }
    }

    /// <summary>Parses networks, e.g. 10.0.0.0/8, or single addresses, separated by commas.</summary>
    public static IReadOnlyList<IPNetwork> Networks(string text) => [.. List(text).Select(one => Unmapped(
        IPAddress.TryParse(one, out IPAddress? address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
        : IPNetwork.TryParse(one, out IPNetwork network) ? network
        : throw new FormatException($"{one} isn't a valid network; write addresses or networks, e.g. 10.0.0.0/8,2001:db8::/32")))];

    // An IPv4-mapped IPv6 address (::ffff:10.0.0.1) becomes the IPv4 address, as clients' addresses do.
    private static IPNetwork Unmapped(IPNetwork network) => network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix
        ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
        : network;

    /// <summary>Parses the value of a header; empty for none.</summary>
    public static string HeaderValue(string text) => text.All(c => c is >= ' ' and < '\x7f')
        ? text.Equals("off", StringComparison.OrdinalIgnoreCase) ? "" : text
        : throw new FormatException("a header value may only contain ASCII characters");

    public static bool Switch(string text) => TrySwitch(text) ?? throw new FormatException("write on or off");

    /// <summary>Returns null if the text isn't the value of a switch.</summary>
    public static bool? TrySwitch(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" or "1" => true,
        "off" or "false" or "no" or "0" => false,
        _ => null,
    };

    /// <summary>Parses <c>on</c>, <c>off</c>, a path, or <c>on,PATH</c> for both.</summary>
    public static AccessLogTarget AccessLog(string text)
    {
        string[] parts = text.Split(',', 2, StringSplitOptions.TrimEntries);
        bool? first = TrySwitch(parts[0]);
        if (parts.Length == 1) return first is { } on ? new(on, null) : new(false, LogPath(parts[0]));
        return first == true ? new(true, LogPath(parts[1])) : throw new FormatException("write on, off, the path of a file, or on,PATH for both");
    }

    private static string LogPath(string text) => text.Contains('/') || text.Contains('.')
        ? FullPath(text)
        : throw new FormatException($"write on, off, the path of a file (./{text} for one in this folder), or on,PATH for both");

    public static AcceptMethod Accept(string text) =>
        AcceptMethods.TryParse(text, out AcceptMethod method, out string? error) ? method : throw new FormatException(error);

    public static T OneOf<T>(string text) where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new FormatException($"write one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");

    public static LogLevel Level(string text) => text.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "information" or "info" => LogLevel.Information,
        "warning" or "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw new FormatException("write debug, info, warning or error"),
    };

    /// <summary>Parses a whole number; <c>1k</c> is 1024, as in sizes.</summary>
    public static Reader<int> Number(int min, int max) => text =>
        int.TryParse(InFull(text), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? number
            : throw new FormatException($"write a whole number from {min} to {max}");

    public static TimeSpan Time(string text)
    {
        foreach ((string unit, double seconds) in TimeUnits)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
                && count * seconds <= TimeSpan.FromDays(3650).TotalSeconds)
                return TimeSpan.FromSeconds(count * seconds);
        }
        throw new FormatException("write a time, e.g. 500ms, 30s or 2m; a number alone means seconds");
    }

    /// <summary>Parses a time to wait: timers are limited to some weeks.</summary>
    public static TimeSpan Wait(string text) =>
        Time(text) is var time && time <= MaxWait ? time : throw new FormatException($"the maximum is {MaxWait.TotalDays:0}d");

    // Converts "4k" to 4096.
    private static string InFull(string text) =>
        text is [.., 'k' or 'K'] && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? (count * 1024L).ToString(CultureInfo.InvariantCulture)
            : text;

    /// <summary>Parses a time that the kernel counts in whole seconds, at least one.</summary>
    public static TimeSpan WholeSeconds(string text)
    {
        TimeSpan time = Time(text);
        return time >= TimeSpan.FromSeconds(1) && time.Ticks % TimeSpan.TicksPerSecond == 0 && time.TotalSeconds <= 32767
            ? time
            : throw new FormatException("write whole seconds from 1s to 32767s");
    }

    public static int Size(string text)
    {
        foreach ((string unit, long bytes) in SizeUnits)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                && count > 0 && count <= int.MaxValue / bytes)
                return (int)(count * bytes);
        }
        throw new FormatException("write a size in bytes, e.g. 65536, 64k or 1MB");
    }

    public static Backlog Backlog(string text) =>
        Listening.Sizing.Backlog.TryParse(InFull(text), out Backlog backlog, out string? error) ? backlog : throw new FormatException(error);

    public static ShardCount Shards(string text) =>
        ShardCount.TryParse(text, out ShardCount shards, out string? error) ? shards : throw new FormatException(error);

    public static IReadOnlyList<ListenAddress> Addresses(string text)
    {
        List<ListenAddress> addresses = [];
        foreach (string one in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ListenAddress.TryParse(one, out ListenAddress? address, out string? error)) throw new FormatException(error);
            if (addresses.Contains(address)) throw new FormatException($"{address} is listed twice; once is enough");
            addresses.Add(address);
        }
        return addresses;
    }

    /// <summary>Parses the path of a Unix socket, with or without <c>unix:</c>; empty or <c>off</c> for none.</summary>
    public static ListenAddress? SocketPath(string text)
    {
        if (text == "" || text.Equals("off", StringComparison.OrdinalIgnoreCase)) return null;
        string file = UnixPath.In(text) ?? text;
        // Absolute, since a process that takes over may have been started in another directory.
        string address = UnixPath.ToAddress(file is ['/' or '@', ..] or "" ? file : FullPath(file));
        return ListenAddress.TryParse(address, out ListenAddress? path, out string? error) && !path.IsAbstract
            ? path
            : throw new FormatException(error ?? "write the path of a file, e.g. /run/rcomm/control.sock");
    }

    /// <summary>Parses an IP address, <c>*</c> or <c>localhost</c>, without a port.</summary>
    public static string Host(string text)
    {
        string bracketed = text.Contains(':') && text is not ['[', .., ']'] ? $"[{text}]" : text;
        return text != "" && ListenAddress.TryParse(bracketed + ":0", out ListenAddress? address, out _) && !address.IsUnix
            ? bracketed
            : throw new FormatException("write an IP address, localhost, or * for every address; the port is " +
                $"{ListeningGroup.Port.Variable}, and unix: sockets go into {ListeningGroup.Listen.Variable}");
    }

    public static UnixFileMode FileMode(string text)
    {
        try
        {
            int mode = Convert.ToInt32(text, 8);
            if (mode is >= 0 and <= 0x1FF) return (UnixFileMode)mode;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
        }
        throw new FormatException("write a file mode in octal, e.g. 0660");
    }
}
