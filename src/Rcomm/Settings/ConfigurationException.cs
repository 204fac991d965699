namespace Rcomm.Settings;

/// <summary>The command line, the environment or the file is wrong. The message says where, what, and what to write; exit code 2.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
