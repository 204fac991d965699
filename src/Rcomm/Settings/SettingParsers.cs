using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;

namespace Rcomm.Settings;

/// <summary>Reads the kinds of values that settings have; every error says what a good value looks like.</summary>
internal static class SettingParsers
{
    private static readonly (string Unit, double Seconds)[] TimeUnits = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];
    private static readonly (string Unit, long Bytes)[] SizeUnits = [("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("", 1)];

    public static Reader<T?> OrNone<T>(Reader<T> reader) where T : struct => text => text == "" ? null : reader(text);

    public static string Text(string text) => text;

    /// <summary>Texts separated by commas.</summary>
    public static IReadOnlyList<string> List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>URLs of services, separated by commas.</summary>
    public static IReadOnlyList<Uri> Urls(string text) => [.. List(text).Select(one =>
        Uri.TryCreate(one, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host != ""
            ? url
            : throw new FormatException($"{one} is no upstream; write where the service is, like http://127.0.0.1:3000"))];

    /// <summary>Origins as browsers write them, separated by commas: what is written in another way would match none.</summary>
    public static IReadOnlyList<string> Origins(string text) => [.. List(text).Select(one =>
        one == "*" || (Uri.TryCreate(one, UriKind.Absolute, out Uri? url) && url.Host != "" && url.GetLeftPart(UriPartial.Authority).Equals(one, StringComparison.OrdinalIgnoreCase))
            ? one
            : throw new FormatException($"{one} is no origin; write * or the scheme and the host alone, like https://app.example.com"))];

    /// <summary>The path of a URL; nothing for none.</summary>
    public static string UrlPath(string text) => text is "" or ['/', ..] ? text : throw new FormatException("write a path that begins with /");

    /// <summary>Networks like 10.0.0.0/8, or single addresses, separated by commas.</summary>
    public static IReadOnlyList<IPNetwork> Networks(string text) => [.. List(text).Select(one =>
        IPAddress.TryParse(one, out IPAddress? address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
        : IPNetwork.TryParse(one, out IPNetwork network) ? network
        : throw new FormatException($"{one} is no network; write addresses or networks like 10.0.0.0/8,2001:db8::/32"))];

    /// <summary>The value of a header; nothing for none.</summary>
    public static string HeaderValue(string text) => text.All(c => c is >= ' ' and < '\x7f')
        ? text.Equals("off", StringComparison.OrdinalIgnoreCase) ? "" : text
        : throw new FormatException("a header's value has ASCII characters alone");

    public static bool Switch(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" or "1" => true,
        "off" or "false" or "no" or "0" => false,
        _ => throw new FormatException("write on or off"),
    };

    public static T OneOf<T>(string text) where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new FormatException($"write one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");

    public static LogLevel Level(string text) => text.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "information" or "info" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw new FormatException("write debug, information, warning or error"),
    };

    public static Reader<int> Number(int from, int to) => text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= from && number <= to
            ? number
            : throw new FormatException($"write a whole number from {from} to {to}");

    public static TimeSpan Time(string text)
    {
        foreach ((string unit, double seconds) in TimeUnits)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
                && count * seconds <= TimeSpan.FromDays(3650).TotalSeconds)
                return TimeSpan.FromSeconds(count * seconds);
        }
        throw new FormatException("write a time with its unit, like 500ms, 30s or 2m");
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
        throw new FormatException("write a size in bytes, like 65536, 64k or 1m");
    }

    public static Backlog Backlog(string text) =>
        Listening.Sizing.Backlog.TryParse(text, out Backlog backlog, out string? error) ? backlog : throw new FormatException(error);

    public static ShardCount Shards(string text) =>
        ShardCount.TryParse(text, out ShardCount shards, out string? error) ? shards : throw new FormatException(error);

    public static IReadOnlyList<ListenAddress> Addresses(string text)
    {
        List<ListenAddress> addresses = [];
        foreach (string one in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ListenAddress.TryParse(one, out ListenAddress? address, out string? error)) throw new FormatException(error);
            if (addresses.Contains(address)) throw new FormatException($"{address} stands there twice; once is enough");
            addresses.Add(address);
        }
        return addresses;
    }

    /// <summary>The path of a Unix socket, with or without <c>unix:</c>; nothing for none.</summary>
    public static ListenAddress? SocketPath(string text)
    {
        if (text == "") return null;
        const string prefix = "unix:";
        string file = text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? text[prefix.Length..] : text;
        // In full, since a process that takes over may have been started in another folder.
        string address = prefix + (file is ['/' or '@', ..] or "" ? file : Path.GetFullPath(file));
        return ListenAddress.TryParse(address, out ListenAddress? path, out string? error) && !path.IsAbstract
            ? path
            : throw new FormatException(error ?? "write the path of a file, like /run/rcomm/control.sock");
    }

    /// <summary>An IP address, <c>*</c> or <c>localhost</c>, without a port.</summary>
    public static string Host(string text)
    {
        string bracketed = text.Contains(':') && text is not ['[', .., ']'] ? $"[{text}]" : text;
        return ListenAddress.TryParse(bracketed + ":0", out ListenAddress? address, out _) && !address.IsUnix
            ? bracketed
            : throw new FormatException("write an IP address, localhost, or * for every address; the port is RCOMM_PORT, and unix: sockets go into RCOMM_LISTEN");
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
        throw new FormatException("write a file mode in octal, like 0660");
    }
}
