using System.Net;

namespace Rcomm.Settings.Groups;

/// <summary>The settings for who is served.</summary>
internal static class AccessGroup
{
    public static readonly SettingGroup Group = new("Access");

    public static readonly Setting<IReadOnlyList<IPNetwork>> Allow = new(Group, "allow", "", ValueKinds.Networks,
        "serve only these clients, others get 403: networks, e.g. 10.0.0.0/8, separated by commas");

    public static readonly Setting<IReadOnlyList<IPNetwork>> Deny = new(Group, "deny", "", ValueKinds.Networks,
        "clients that get 403, even if --allow includes them: networks, separated by commas");

    public static readonly Setting<string> Htpasswd = new(Group, "htpasswd", "", ValueKinds.File,
        "ask for a name and a password: a file created by htpasswd -B (bcrypt)");
}
