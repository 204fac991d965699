using System.Globalization;
using Microsoft.Extensions.Logging;
using Rcomm.Control;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>The operations on a running server, requested through its control socket and by signals.</summary>
internal sealed partial class ServerControl(ServerStart start, ServerParts parts, ILogger logger) : IServerControl
{
    private readonly Lock _changing = new();
    private readonly Successor _successor = new();
    private readonly ILogger _logger = logger;

    /// <summary>Hands the sockets over to a new process.</summary>
    public HandoverServer Handover { get; } = new(() => [.. parts.Sockets.Provider.Sockets.Select(provided => (provided.Role, provided.Socket))]);

    /// <summary>Whether another process now serves in place of this one.</summary>
    public bool IsTakenOver { get; private set; }

    /// <summary>Requests a graceful stop. Returns false if a stop was already requested.</summary>
    public bool Stop(string reason, bool takenOver = false)
    {
        IsTakenOver |= takenOver;
        return start.Stop.Make(reason);
    }

    /// <summary>Executes a control message, and returns the result.</summary>
    public ControlMessage Execute(ControlMessage asked) => asked.Kind switch
    {
        ControlKind.Status => ControlMessage.Of(ControlKind.Done) with { Status = parts.Status.Read() },
        ControlKind.Backlog or ControlKind.Reload when Handover.IsUnderWay || IsTakenOver =>
            ControlMessage.Of(ControlKind.Refused, "Nothing was changed: a takeover is in progress. Try again when it has ended."),
        ControlKind.Backlog when Backlog.TryParse(asked.Text, out Backlog backlog, out _) => ControlMessage.Of(ControlKind.Done, Resize(backlog)),
        ControlKind.Drain => ControlMessage.Of(ControlKind.Done,
            Stop("rcomm drain") ? "Draining. The process exits when its requests have finished." : "The server is already draining."),
        ControlKind.Reload => Reload(),
        ControlKind.Upgrade => Upgrade(),
        _ => ControlMessage.Of(ControlKind.Refused, $"This server doesn't know the command \"{asked.Kind}\"."),
    };

    /// <summary>Reloads on SIGHUP; during a takeover, only once it is decided that this process keeps serving.</summary>
    public async Task ReloadOnSignalAsync()
    {
        await Handover.WhenDecidedAsync();
        if (!IsTakenOver) Reload();
    }

    /// <summary>Reads the configuration file and the environment file again. All or nothing: if anything is wrong, nothing changes.</summary>
    public ControlMessage Reload()
    {
        lock (_changing)
        {
            parts.Notices.Reloading();
            try
            {
                SettingSources before = parts.Status.Settings, after = start.ReadSettings();
                after.IsReload = true;
                List<string> said = Apply(before, after, ServeSettings.From(after));
                after.WarnOfUnknownVariables();
                said.AddRange(after.Warnings.Except(before.Warnings));
                parts.Status.Settings = after;

                if (said.Count == 0) said.Add("Nothing has changed.");
                Reloaded(string.Join(' ', said));
                return ControlMessage.Of(ControlKind.Done, string.Join('\n', said));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                NotReloaded(e.Message);
                return ControlMessage.Of(ControlKind.Refused, $"Nothing was changed. {e.Message}");
            }
            finally
            {
                parts.Notices.Ready(tookOver: false);
            }
        }
    }

    private ControlMessage Upgrade()
    {
        if (_successor.TryStart(start.Settings.ControlIsChosen ? null : parts.Sockets.Control?.Address.UnixPath,
            out string whyNot) is not { } process) return ControlMessage.Of(ControlKind.Refused, whyNot);
        UpgradeStarted(process);
        return ControlMessage.Of(ControlKind.Done, $"Process {process} has been started to take over.") with { Process = process };
    }

    // Everything was read and is valid: nothing below can fail.
    private List<string> Apply(SettingSources before, SettingSources after, ServeSettings read)
    {
        const string restart = "(rcomm upgrade does this without dropping connections)";
        bool rulesChanged = before.File.Rules != after.File.Rules;
        bool passwordsAreRead = parts.Authentication is not null && read.Http.Passwords is not null;
        List<Setting> changed = [.. SettingCatalog.All.Where(IsApplied).Where(setting => before.Find(setting).Text != after.Find(setting).Text)];
        parts.Status.NeedRestart = [.. SettingCatalog.All.Where(setting => !IsApplied(setting))
            .Where(setting => start.Sources.Find(setting).Text != after.Find(setting).Text)];
        if (rulesChanged || changed.Exists(SiteGroup.Reloadable.Contains)) parts.Sites.Replace(read.Site, read.Hosts);
        if (passwordsAreRead) parts.Authentication!.Replace(read.Http.Passwords!);

        List<string> said =
        [
            .. changed.Select(setting => setting == ListeningGroup.Backlog ? Resize(read.Socket.Backlog) : $"{Shown(setting, after)} from now on."),
            .. parts.Status.NeedRestart.Select(setting => $"{Shown(setting, after)} needs a restart {restart}."),
        ];
        if (rulesChanged) said.Add($"The rules of the sites in {after.File.Name} apply from now on.");
        if (rulesChanged && !RoutesOf(start.Settings).SequenceEqual(RoutesOf(read)))
            said.Add($"The proxy routes in {after.File.Name} need a restart {restart}.");
        if (passwordsAreRead) said.Add($"The passwords in {after.Find(AccessGroup.Htpasswd).Text} were reloaded.");
        return said;

        bool IsApplied(Setting setting) =>
            setting == ListeningGroup.Backlog || SiteGroup.Reloadable.Contains(setting) || (setting == AccessGroup.Htpasswd && passwordsAreRead);
    }

    private static string Shown(Setting setting, SettingSources sources) => $"{setting.Name} = {setting.Shown(sources.Find(setting).Text)}";

    private static IEnumerable<string> RoutesOf(ServeSettings settings) =>
        settings.Proxy.Select(route => $"{string.Join(',', route.Hosts)} {route.Path} {string.Join(',', route.Upstreams)} {route.Limits}");

    private string Resize(Backlog backlog)
    {
        (int wanted, Backlog each) = start.Settings.Shards.For(backlog);
        Dictionary<ListenSocket, int?> before = parts.Sockets.Site.ToDictionary(socket => socket, socket => socket.EffectiveBacklog);
        foreach (ListenSocket socket in parts.Sockets.Site.Concat(parts.Sockets.Redirect)) socket.Resize(each);

        List<string> lines = [];
        foreach (IGrouping<ListenAddress, ListenSocket> shards in parts.Sockets.Site.GroupBy(socket => socket.Address))
        {
            string described = ListenSocket.DescribeBacklog([.. shards]);
            ServerLog.ListeningOn(_logger, shards.Key, described);
            string was = before[shards.First()]?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
            lines.Add($"Listening on {shards.Key} ({described}), was {was}");
        }
        if (wanted > parts.Sockets.Site.Max(socket => socket.Shard?.Count ?? 1))
            lines.Add($"A backlog of {backlog} needs {wanted} shards: rcomm serve {ShutdownGroup.Takeover.Flag} opens them without dropping connections.");
        return string.Join('\n', lines);
    }

    [LoggerMessage(24, LogLevel.Information, "Upgrade: started process {Process} from the program on disk, to take over")]
    private partial void UpgradeStarted(int process);

    [LoggerMessage(17, LogLevel.Information, "Settings reloaded: {What}")]
    private partial void Reloaded(string what);

    [LoggerMessage(18, LogLevel.Warning, "Reload failed, nothing was changed: {Why}")]
    private partial void NotReloaded(string why);
}
