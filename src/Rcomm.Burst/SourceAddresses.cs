using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst;

/// <summary>
/// The addresses to connect from, in rotation. One address has one port for each connection, by default 28,232 (<c>net.ipv4.ip_local_port_range</c>);
/// more connections need more addresses.
/// </summary>
public sealed class SourceAddresses
{
    /// <summary>The maximum number of addresses in the text.</summary>
    public const int Max = 1024;

    private const string Examples = "Write them as 127.0.0.2-127.0.0.65 or 10.0.0.5,10.0.0.6";

    private readonly IPAddress[] _addresses;

    private SourceAddresses(IPAddress[] addresses) => _addresses = addresses;

    /// <summary>
    /// Gets the default: the system chooses, or 127.0.0.2-127.0.0.65 if the target is on IPv4 loopback and the run needs more than half of the ports.
    /// </summary>
    public static SourceAddresses Default { get; } = new([]);

    /// <summary>Parses addresses, separated by commas, and ranges of IPv4 addresses.</summary>
    /// <exception cref="BurstException">The text isn't a valid list of addresses; the message shows how to write one.</exception>
    public static SourceAddresses Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<IPAddress> addresses = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length == 2) addresses.AddRange(Range(part, Address(ends[0]), Address(ends[1])));
            else addresses.Add(Address(part));
        }
        return addresses.Count <= Max
            ? new([.. addresses])
            : throw Bad($"{addresses.Count} sources are too many; at most {Max} are allowed");
    }

    /// <summary>Returns the addresses for a run; empty if the system chooses.</summary>
    internal IReadOnlyList<IPAddress> For(BurstPlan plan)
    {
        if (_addresses.Length > 0) return _addresses;
        bool loopback = plan.Target.EndPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetwork } ip && IPAddress.IsLoopback(ip.Address);
        // A closed connection may keep its port for a minute, and beyond half of the ports the kernel's search gets slow (net/ipv4/inet_hashtables.c,
        // __inet_hash_connect).
        return loopback && (long)plan.Connections * plan.Rounds > PortRange.Read().Count / 2 ? Loopbacks : [];
    }

    internal void CheckAgainst(BurstTarget target)
    {
        if (_addresses.Length == 0) return;
        if (target.EndPoint is not IPEndPoint ip) throw Bad("a Unix socket has no source addresses; leave --sources out");
        if (Array.Find(_addresses, address => address.AddressFamily != ip.AddressFamily) is { } stranger)
            throw Bad($"{stranger} cannot connect to {ip}: one is IPv4, the other IPv6");
    }

    private static IPAddress[] Loopbacks { get; } = [.. Range("", IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.65"))];

    private static IEnumerable<IPAddress> Range(string text, IPAddress from, IPAddress to)
    {
        if (from.AddressFamily != AddressFamily.InterNetwork || to.AddressFamily != AddressFamily.InterNetwork)
            throw Bad($"\"{text}\" isn't a range: a range needs IPv4 addresses");
        (uint first, uint last) = (Number(from), Number(to));
        if (last < first || last - first >= Max) throw Bad($"\"{text}\" isn't a range of 1 to {Max} addresses");
        return Enumerable.Range(0, (int)(last - first) + 1).Select(i => new IPAddress(IPAddress.HostToNetworkOrder((int)(first + (uint)i)) & 0xFFFFFFFFL));
    }

    private static uint Number(IPAddress address) => (uint)IPAddress.NetworkToHostOrder(MemoryMarshal.Read<int>(address.GetAddressBytes()));

    private static IPAddress Address(string text) =>
        IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3)
            ? address
            : throw Bad($"\"{text}\" isn't an IP address");

    private static BurstException Bad(string message) =>
        new(BurstFailure.BadPlan, string.Create(CultureInfo.InvariantCulture, $"{message}. {Examples}."));
}
