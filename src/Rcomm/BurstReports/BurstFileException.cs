namespace Rcomm.BurstReports;

/// <summary>
/// The exception thrown if a file of <c>rcomm burst</c> can't be read or written. The message names the option and the file, and says what to do.
/// </summary>
internal sealed class BurstFileException(string message) : Exception(message);
