using Rcomm.Settings;

namespace Rcomm.Server;

/// <summary>The inputs of a server's start.</summary>
/// <param name="Sources">The sources of the settings.</param>
/// <param name="Settings">The settings.</param>
/// <param name="ReadSettings">Reads them again, at each reload.</param>
/// <param name="Stop">Completes when the server should stop.</param>
/// <param name="Warnings">What to log once there is a log.</param>
internal sealed record ServerStart(
    SettingSources Sources, ServeSettings Settings, Func<SettingSources> ReadSettings, StopSignal Stop, List<string> Warnings);
