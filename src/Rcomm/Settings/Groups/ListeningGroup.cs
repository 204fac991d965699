using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;

namespace Rcomm.Settings.Groups;

/// <summary>Where connections come in, and how many may wait.</summary>
internal static class ListeningGroup
{
    public static readonly SettingGroup Group = new("Listening");

    public static readonly Setting<Backlog> Backlog = new(Group, "backlog", "128", ValueKinds.Backlog,
        "how many connections may wait to be accepted: a whole number from 0 (1k is 1024), max (the kernel's cap), " +
        "or auto (holds a burst from the start, and grows before it is full)") { Short = "-b", IsCommon = true, ForgivenInEnvironment = true };

    public static readonly Setting<ShardCount> Shards = new(Group, "shards", "1", ValueKinds.Shards,
        "listening sockets for each TCP address (SO_REUSEPORT), each with a queue of its own: a number, " +
        "or auto (as many as it takes to hold the backlog)");

    public static readonly Setting<string> Address = new(Group, "address", "127.0.0.1", ValueKinds.Host,
        "the address to listen on; * for every address of the machine, localhost for both loopbacks") { IsCommon = true };

    public static readonly Setting<int> Port = new(Group, "port", "7878", ValueKinds.Number(0, 65535),
        "the port to listen on; 0 for any free one") { Short = "-p", IsCommon = true };

    public static readonly Setting<IReadOnlyList<ListenAddress>> Listen = new(Group, "listen", "", ValueKinds.Addresses,
        "several addresses at once, e.g. 127.0.0.1:80,[::]:80,unix:/run/rcomm/http.sock; :80 is every address of the machine; " +
        "overrides address and port")
        { IsCommon = true, IsRepeatable = true };

    public static readonly Setting<AcceptMethod> Accept = new(Group, "accept", "auto", ValueKinds.Accept,
        "how connections are taken off the listen queue: accept4 (one after the other), io_uring (the kernel accepts on its own, " +
        "also while the server stands still; Linux 6.3 or later), or auto (accept4)");

    public static readonly Setting<Transport> Transport = new(Group, "transport", "epoll", ValueKinds.OneOf<Transport>(),
        "how connections are read and written: epoll (the kernel's own calls; Linux), or sockets (.NET's sockets)");

    public static readonly Setting<bool> FastPath = new(Group, "fast-path", "on", ValueKinds.Switch,
        "answer plain requests for kept pages on the connection's own thread, without Kestrel; off for comparison");

    public static readonly Setting<IReadOnlyList<ListenAddress>> Admin = new(Group, "admin", "", ValueKinds.Addresses,
        "address of the admin pages: /, /healthz, /readyz, /metrics, /status.json") { IsCommon = true };

    public static readonly Setting<IReadOnlyList<string>> AdminHosts = new(Group, "admin-hosts", "", ValueKinds.Names,
        "names by which the admin pages may be asked, separated by commas, besides addresses, localhost and this machine's name");

    public static readonly Setting<string> AdminToken = new(Group, "admin-token", "", ValueKinds.Text,
        "a token that the admin pages ask for, as a bearer token or a password; probes don't need it") { IsSecret = true };

    public static readonly Setting<ListenAddress?> Control = new(Group, "control", "", ValueKinds.SocketPath,
        "path of the control socket, for takeover, status and live changes; off for none. Unset, it is in $XDG_RUNTIME_DIR/rcomm or /run/rcomm, " +
        "if this user may write there");

    public static readonly Setting<bool> AcceptWait = new(Group, "accept-wait", "on", ValueKinds.Switch,
        "measure how long each connection waited in the listen queue: one system call for each");

    public static readonly Setting<TimeSpan> StallTime = new(Group, "stall-time", "2s", ValueKinds.Time,
        "how long connections may wait without one being accepted before a warning, and before /readyz fails");

    public static readonly Setting<TimeSpan> FullTime = new(Group, "full-time", "5s", ValueKinds.Time,
        "how long a listen queue may be full before /readyz fails");
}
