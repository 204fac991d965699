using Rcomm.Settings;

namespace Rcomm.Server;

/// <summary>What a server is started with.</summary>
/// <param name="Sources">Where the settings come from.</param>
/// <param name="Settings">What they say.</param>
/// <param name="ReadSettings">Reads them again, at each reload.</param>
/// <param name="Stop">Completes when the server should stop.</param>
/// <param name="Warnings">What is logged once there is a log.</param>
internal sealed record ServerStart(
    SettingSources Sources, ServeSettings Settings, Func<SettingSources> ReadSettings, StopSignal Stop, List<string> Warnings);
