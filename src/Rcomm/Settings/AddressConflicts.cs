using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Settings.Groups;

namespace Rcomm.Settings;

/// <summary>Finds two settings with the same address, where only the first socket could be opened.</summary>
internal static class AddressConflicts
{
    /// <summary>An address, and the setting that requests it, as written.</summary>
    private sealed record Wanted(ListenAddress Address, string By, bool IPv6Only);

    /// <exception cref="ConfigurationException">There is a conflict; the message names both settings.</exception>
    public static void Refuse(ServeSettings settings, SettingSources sources)
    {
        List<Wanted> all = [.. Site(settings, sources)];
        // Shards share an address; then two settings of the same site may as well.
        List<Wanted> seen = settings.Shards.For(settings.Socket.Backlog).Count > 1 ? [.. all] : [];
        if (settings.Tls is { } tls) all.AddRange(Of(tls.Redirect, sources.Find(HttpsGroup.Redirect), settings));
        all.AddRange(Of(settings.Admin, sources.Find(ListeningGroup.Admin), settings));
        if (settings.Control is { } control) all.AddRange(Of([control], sources.Find(ListeningGroup.Control), settings));
        foreach (Wanted one in all.Skip(seen.Count))
        {
            if (seen.Find(other => Collide(one, other)) is { } first)
                throw new ConfigurationException(first.By == one.By
                    ? $"{one.By}: " +
                        (first.Address == one.Address ? $"{one.Address} is listed twice" : $"{one.Address} and {first.Address} are the same address") +
                        ", and only one socket can listen there. Leave one out."
                    : $"{one.By} and {first.By} use the same {(one.Address.IsUnix ? "path" : "port")} ({one.Address}), and only one socket " +
                        "can listen there. Choose another for one of them.");
            seen.Add(one);
        }
    }

    private static IEnumerable<Wanted> Site(ServeSettings settings, SettingSources sources)
    {
        SettingValue listen = sources.Find(ListeningGroup.Listen), port = sources.Find(ListeningGroup.Port);
        SettingValue written = listen.Where is not null ? listen : port;
        return Of(settings.Addresses, written, settings);
    }

    private static IEnumerable<Wanted> Of(IReadOnlyList<ListenAddress> addresses, SettingValue written, ServeSettings settings) =>
        addresses.SelectMany(address => address.Expand()).Select(address => new Wanted(address,
            written.Where is null ? $"the default port ({written.Text})" : written.Quoted,
            // If an IPv4 address has the same port, [::] is opened for IPv6 only.
            settings.Socket.IPv6Only == true || addresses.Any(other => other.Ip?.AddressFamily == AddressFamily.InterNetwork && other.Port == address.Port)));

    private static bool Collide(Wanted one, Wanted other) =>
        one.Address == other.Address ? one.Address.IsUnix || one.Address.Port != 0
        : one.Address.Covers(other.Address) && !IsOtherFamily(one, other) || other.Address.Covers(one.Address) && !IsOtherFamily(other, one);

    private static bool IsOtherFamily(Wanted all, Wanted one) =>
        Equals(all.Address.Ip, IPAddress.IPv6Any) && all.IPv6Only && one.Address.Ip?.AddressFamily == AddressFamily.InterNetwork;
}
