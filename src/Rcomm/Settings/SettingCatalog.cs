using Rcomm.Settings.Groups;

namespace Rcomm.Settings;

/// <summary>Every setting of <c>rcomm serve</c>. Declare a new one in its group; nothing else is needed.</summary>
internal static class SettingCatalog
{
    /// <summary>The groups in the order in which help and docs show them.</summary>
    public static IReadOnlyList<SettingGroup> Groups { get; } =
    [
        ListeningGroup.Group, SiteGroup.Group, HttpsGroup.Group, ProxyGroup.Group, LimitsGroup.Group,
        AccessGroup.Group, LoggingGroup.Group, ShutdownGroup.Group, SocketGroup.Group,
    ];

    public static IReadOnlyList<Setting> All { get; } = [.. Groups.SelectMany(group => group.Settings)];
}
