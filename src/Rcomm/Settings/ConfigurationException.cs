namespace Rcomm.Settings;

/// <summary>
/// The exception thrown if the command line, the environment or the file isn't valid. The message says where, what, and what to write; exit code 2.
/// </summary>
internal sealed class ConfigurationException(string message) : Exception(message);
