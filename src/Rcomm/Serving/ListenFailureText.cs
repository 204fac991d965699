using Rcomm.Configuration;
using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Tells an operator why a socket could not be opened: by the setting that asked for it, and by who is in the way.</summary>
internal static class ListenFailureText
{
    public static string Of(ListenException failure, SettingSources sources) =>
        $"{AskedBy(failure, sources)}: {failure.Problem}{Holders(failure)}";

    private static string AskedBy(ListenException failure, SettingSources sources)
    {
        if (sources.Find(Settings.Admin) is { Where: { } asked } && Settings.Admin.Read(sources.Find(Settings.Admin).Text).Contains(failure.Address))
            return $"{asked}={failure.Address}";
        if (sources.Find(Settings.Control) is { Where: { } control } && failure.Address.Equals(Settings.Control.Read(sources.Find(Settings.Control).Text)))
            return $"{control}={failure.Address.UnixPath}";
        if (sources.Find(Settings.Listen) is { Where: { } where }) return $"{where}={failure.Address}";

        Written written = sources.Find(failure.Failure == ListenFailure.AddressNotAvailable ? Settings.Address : Settings.Port);
        return written.Where is null ? failure.Address.ToString() : written.Quoted;
    }

    private static string Holders(ListenException failure)
    {
        if (failure.Failure != ListenFailure.AddressInUse) return "";

        IReadOnlyList<SocketOwner> owners = HostQueues.OwnersOf(failure.Address, out _);
        return owners.Count == 0 ? "" : $" It is held by {string.Join(", ", owners)}.";
    }
}
