namespace Rcomm.Kestrel;

/// <summary>The names of the settings that advice in the log tells the operator to change.</summary>
/// <param name="Backlog">The setting for the backlog.</param>
/// <param name="Shards">The setting for the number of listening sockets of an address.</param>
/// <param name="MaxConnections">The setting for the maximum number of open connections.</param>
/// <param name="Accept">The setting for the accept method; null if the log must not advise it.</param>
public sealed record QueueSettingNames(string Backlog, string Shards, string MaxConnections, string? Accept = null);
