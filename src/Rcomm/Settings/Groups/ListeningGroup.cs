using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;

namespace Rcomm.Settings.Groups;

/// <summary>The settings for listening addresses and queues.</summary>
internal static class ListeningGroup
{
    public static readonly SettingGroup Group = new("Listening");

    public static readonly Setting<Backlog> Backlog = new(Group, "backlog", "128", ValueKinds.Backlog,
        "how many connections may wait to be accepted: a whole number from 0 (1k is 1024), max (the kernel's cap), " +
        "or auto (starts large enough for a burst, and grows before it is full)") { Short = "-b", IsCommon = true, ForgivenInEnvironment = true };

    public static readonly Setting<ShardCount> Shards = new(Group, "shards", "1", ValueKinds.Shards,
        "number of listening sockets for each TCP address (SO_REUSEPORT), each with its own queue: a " +
        "number, or auto (as many as the backlog needs)");

    public static readonly Setting<string> Address = new(Group, "address", "127.0.0.1", ValueKinds.Host,
        "the address to listen on; * for every address of the machine, localhost for both loopback addresses") { IsCommon = true };

    public static readonly Setting<int> Port = new(Group, "port", "7878", ValueKinds.Number(0, 65535),
        "the port to listen on; 0 for any free one") { Short = "-p", IsCommon = true };

    public static readonly Setting<IReadOnlyList<ListenAddress>> Listen = new(Group, "listen", "", ValueKinds.Addresses,
        "several addresses at once, e.g. 127.0.0.1:80,[::]:80,unix:/run/rcomm/http.sock; :80 is every address of the machine; " +
        "overrides address and port")
        { IsCommon = true, IsRepeatable = true };

    public static readonly Setting<AcceptMethod> Accept = new(Group, "accept", "auto", ValueKinds.Accept,
        "how connections are accepted: accept4 (one after the other), io_uring (the kernel accepts them itself, even " +
        "while the server is paused; Linux 6.3 or later), or auto (accept4)");

    public static readonly Setting<Transport> Transport = new(Group, "transport", "epoll", ValueKinds.OneOf<Transport>(),
        "how connections are read and written: epoll (direct system calls; Linux), or sockets (.NET's sockets)");

    public static readonly Setting<bool> FastPath = new(Group, "fast-path", "on", ValueKinds.Switch,
        "answer plain requests for cached pages without Kestrel, on the connection's event loop; off for comparison");

    public static readonly Setting<IReadOnlyList<ListenAddress>> Admin = new(Group, "admin", "", ValueKinds.Addresses,
        "address of the admin pages: /, /healthz, /readyz, /metrics, /status.json") { IsCommon = true };

    public static readonly Setting<IReadOnlyList<string>> AdminHosts = new(Group, "admin-hosts", "", ValueKinds.Names,
        "further host names for the admin pages, separated by commas; IP addresses, localhost and this machine's name are always allowed");

    public static readonly Setting<string> AdminToken = new(Group, "admin-token", "", ValueKinds.Text,
        "require this token for the admin pages, as a bearer token or a password; probes don't need it") { IsSecret = true };

    public static readonly Setting<ListenAddress?> Control = new(Group, "control", "", ValueKinds.SocketPath,
        "path of the control socket, for takeover, status and live changes; off for none; by default in $XDG_RUNTIME_DIR/rcomm or /run/rcomm, " +
        "if this user can write there");

    public static readonly Setting<bool> AcceptWait = new(Group, "accept-wait", "on", ValueKinds.Switch,
        "measure how long each connection waited in the listen queue; takes one system call for each");

    public static readonly Setting<TimeSpan> StallTime = new(Group, "stall-time", "2s", ValueKinds.Time,
        "how long connections may wait while none are accepted, before a warning is logged and /readyz fails");

    public static readonly Setting<TimeSpan> FullTime = new(Group, "full-time", "5s", ValueKinds.Time,
        "how long a listen queue may be full before /readyz fails");
}
