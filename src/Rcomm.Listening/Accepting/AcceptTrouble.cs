namespace Rcomm.Listening;

/// <summary>What became of accepting.</summary>
public enum AcceptTroubleKind
{
    /// <summary>The system lacks descriptors or memory; connections wait in the listen queue and the loop tries again every 20 ms.</summary>
    Paused,

    /// <summary>Accepting works again after a pause.</summary>
    GoesOn,

    /// <summary>The socket no longer accepts; the loop has ended.</summary>
    Broken,
}

/// <summary>Accepting failed, or goes on after it did.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Error">The system's name of the error (<c>EMFILE</c>: this process's descriptors, <c>ENFILE</c>: the machine's, …; accept(2)).</param>
/// <param name="Lasted">How long the pause was, once it is over.</param>
public sealed record AcceptTrouble(AcceptTroubleKind Kind, string Error, TimeSpan? Lasted);
