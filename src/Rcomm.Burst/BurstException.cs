namespace Rcomm.Burst;

/// <summary>Specifies why a burst could not be run. None of these reasons is the server's fault.</summary>
public enum BurstFailure
{
    /// <summary>The plan isn't valid: an unusable URL, a number out of range, or an unsuitable source address.</summary>
    BadPlan,

    /// <summary>The host name doesn't resolve.</summary>
    NameNotFound,

    /// <summary>The limit of open files is too low for the requested connections (<c>EMFILE</c>, <c>ENFILE</c>).</summary>
    FileLimit,

    /// <summary>The local ports are exhausted (<c>EADDRNOTAVAIL</c> from <c>connect</c>).</summary>
    PortsExhausted,

    /// <summary>This machine doesn't have the source address.</summary>
    SourceNotAvailable,

    /// <summary>This machine has no route to the target, or forbids it.</summary>
    NoRoute,

    /// <summary>This machine's kernel refused for another reason; the message names it.</summary>
    System,
}

/// <summary>The exception thrown if a burst can't be run, or had to stop, for a reason on this side. The message says what to do.</summary>
public sealed class BurstException : Exception
{
    internal BurstException(BurstFailure failure, string message) : base(message) => Failure = failure;

    /// <summary>Gets the reason.</summary>
    public BurstFailure Failure { get; }
}
