using System.Globalization;

namespace Rcomm.Shared.Linux;

/// <summary>The kernel's port range for outgoing connections, <c>net.ipv4.ip_local_port_range</c> (ip(7); also used for IPv6).</summary>
internal readonly record struct PortRange(int First, int Last)
{
    private const string Path = "/proc/sys/net/ipv4/ip_local_port_range";

    // The kernel's default (Documentation/networking/ip-sysctl.rst).
    private static readonly PortRange Default = new(32768, 60999);

    public int Count => Last - First + 1;

    public static PortRange Read()
    {
        try
        {
            string[] ends = File.ReadAllText(Path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return new(int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return Default;
        }
    }
}
