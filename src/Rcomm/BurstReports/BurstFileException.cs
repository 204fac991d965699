namespace Rcomm.BurstReports;

/// <summary>A file of <c>rcomm burst</c> cannot be read or written. The message names the flag and the file, and says what to do.</summary>
internal sealed class BurstFileException(string message) : Exception(message);
