namespace Rcomm.Kestrel.Logging;

/// <summary>What an operator writes before <c>=</c> to follow the advice in the log.</summary>
internal sealed record SettingNames(string Backlog, string Shards, string MaxConnections)
{
    /// <summary>Of the program rcomm.</summary>
    public static SettingNames OfProgram { get; } = new("RCOMM_BACKLOG", "RCOMM_SHARDS", "RCOMM_MAX_CONNECTIONS");

    /// <summary>Of an application with <see cref="ListenQueueExtensions.UseListenQueue"/>.</summary>
    public static SettingNames OfApplication { get; } = new("ListenQueue:Backlog", "ListenQueue:Shards", "ListenQueue:MaxConnections");
}
