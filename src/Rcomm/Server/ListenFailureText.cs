using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Sockets;
using Rcomm.Settings;
using Rcomm.Settings.Groups;


namespace Rcomm.Server;

/// <summary>Explains why a socket could not be opened: names the setting that asked for it, and the process in the way.</summary>
internal static class ListenFailureText
{
    public static string Of(ListenException failure, SettingSources sources) =>
        $"{AskedBy(failure, sources)}: {failure.Problem}{Holders(failure)}";

    private static string AskedBy(ListenException failure, SettingSources sources)
    {
        if (sources.Find(ListeningGroup.Admin) is { Where: { } asked } && ListeningGroup.Admin.Read(sources.Find(ListeningGroup.Admin).Text)
            .Contains(failure.Address))
            return $"{asked}={failure.Address}";
        if (sources.Find(ListeningGroup.Control) is { Where: { } control }
            && failure.Address.Equals(ListeningGroup.Control.Read(sources.Find(ListeningGroup.Control).Text)))
            return $"{control}={failure.Address.UnixPath}";
        if (sources.Find(ListeningGroup.Listen) is { Where: { } where }) return $"{where}={failure.Address}";

        SettingValue written = sources.Find(failure.Failure == ListenFailure.AddressNotAvailable ? ListeningGroup.Address : ListeningGroup.Port);
        return written.Where is null ? failure.Address.ToString() : written.Quoted;
    }

    private static string Holders(ListenException failure)
    {
        if (failure.Failure != ListenFailure.AddressInUse) return "";

        IReadOnlyList<SocketOwner> owners = HostQueueList.OwnersOf(failure.Address, out _);
        return owners.Count == 0 ? "" : $" It is in use by {string.Join(", ", owners)}.";
    }
}
